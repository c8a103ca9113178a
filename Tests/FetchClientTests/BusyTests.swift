// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of the notifications that the owner of a busy client gets.
@Suite(.ownThread)
struct BusyTests {
    private final class Count {
        var value = 0
    }

    @Test func longWorkNotifiesTheOwnerAtMostTwiceASecond() throws {
        let time = Count()
        let watch = WorkWatch(clock: { time.value })
        var calls: [Int] = []
        watch.notify = { calls.append(time.value) }
        for _ in 0..<12 {
            time.value += 800
            watch.noteLong()
        }
        for _ in 0..<800 {
            time.value += 1
            watch.noteLong()
        }
        #expect(calls == (1...12).map { 800 * $0 } + [10_100])
        let client = try FetchClient(FetchSettings(), userAgent: "tests")
        let count = Count()
        client.whileBusy { count.value += 1 }
        client.noteWork()
        #expect(count.value == 1)
    }

    @Test func ownerIsCalledWhileABodyArrivesFast() throws {
        let server = try ScriptedServer { _, peer in
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000\r\n\r\n")
            let piece = [UInt8](repeating: 0x2E, count: 1 << 18)
            while peer.send(piece) {}
            return .close
        }
        var settings = FetchSettings()
        settings.maxBodyBytes = 1 << 50
        let client = try FetchClient(settings, userAgent: "tests")
        let count = Count()
        client.whileBusy { count.value += 1 }
        let object = Array(#"{"url":"\#(server.base)/","timeout_s":4}"#.utf8)
        client.begin(try FetchTask(reading: object.span), token: 0)
        var result: FetchResult?
        while result == nil {
            var entry = pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0)
            let timeout = client.settle()
            unsafe _ = poll(&entry, 1, timeout)
            client.advance()
            result = client.takeFinished()
        }
        #expect(result?.error?.errorClass == .timeoutTotal)
        #expect(count.value >= 3)
    }
}
