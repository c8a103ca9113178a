// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire
import Testing

@testable import ProcessPool

@Suite struct PoolMemberTests {
    @Test func sentBytesDoNotStayInMemoryWhileTheWorkerIsBehind() {
        let link = SlowLink(bytesPerSend: 100_000)
        let member = PoolMember(WorkerID(slot: 0, life: 0), link)
        var expected: [UInt8] = []
        func add(_ number: UInt8) {
            let line = [UInt8](repeating: number, count: 99_999)
            member.beginTask()
            member.outbox.raw(line)
            member.outbox.endLine()
            expected += line + [UInt8(ascii: "\n")]
        }
        for number in UInt8(1)...3 { add(number) }
        for number in UInt8(4)...200 {
            member.flush()
            add(number)
            let kept = member.outbox.count
            #expect(kept <= 3 << 20)
            #expect(member.unreadTasks == 3)
        }
        for _ in 1...3 { member.flush() }
        #expect(member.unreadTasks == 0)
        let rest = member.outbox.count
        #expect(rest == 0)
        #expect(link.sent == expected)
    }

    @Test func aProcessThatSurvivesSIGKILLCountsAsEnded() throws {
        let link = SlowLink(bytesPerSend: 1)
        let member = PoolMember(WorkerID(slot: 0, life: 0), link)
        let host = KernelHost(wake: WakePipe(try #require(Pipe(isNonblocking: true))))
        func time(_ seconds: Int) -> PoolTime { PoolTime(nanoseconds: seconds * 1_000_000_000) }
        #expect(member.nextWake == nil)
        member.kill(at: time(5))
        member.kill(at: time(9))
        #expect(link.signals == [SIGKILL, SIGKILL])
        #expect(member.nextWake == time(15))
        #expect(member.exit(at: time(14), limitKB: nil, host) == nil)
        let exit = try #require(member.exit(at: time(15), limitKB: nil, host))
        #expect(exit.signal == SIGKILL && exit.pid == 1)
        #expect(
            exit.errorTail == [
                "the process 1 did not end within 10 s after SIGKILL; if it still runs, end it by hand"
            ]
        )
    }

    /// A worker whose pipe accepts at most `bytesPerSend` bytes at each send.
    private final class SlowLink: WorkerLink {
        let (pid, output, errors, pidfd): (Int32, Int32, Int32, Int32) = (1, -1, -1, -1)
        var input: Int32 = 0
        let bytesPerSend: Int
        private(set) var sent: [UInt8] = []

        init(bytesPerSend: Int) { self.bytesPerSend = bytesPerSend }

        func send(_ bytes: Span<UInt8>, from start: Int) -> Int {
            let end = min(bytes.count, start + bytesPerSend)
            for index in start..<end { sent.append(bytes[index]) }
            return end - start
        }

        var unreadInput: Int { 0 }
        func readOutput(into framer: inout LineFramer) -> ReadResult { .nothing }
        var receivedBytes: Int { 0 }
        func readErrors() -> [UInt8]? { [] }
        private(set) var signals: [Int32] = []
        func signalGroup(_ number: Int32) { signals.append(number) }
        func exitStatus() -> WorkerExit? { nil }
        var isReaped: Bool { false }
        func release() {}
        func abandon() {}
        func memory() -> (residentKB: Int?, peakKB: Int?) { (nil, nil) }
        func closeInput() { input = -1 }
        func closeOutput() {}
        func closeErrors() {}
        func closeAll() {}
    }
}
