// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire

/// A worker as the loop sees it: its process, and what poll(2) said of its descriptors.
///
/// It turns bytes into messages and knows when a worker has truly ended: the process is gone *and* its output was read
/// to the end, or 100 ms have passed, because a grandchild may hold the pipe open.
final class PoolMember {
    /// What was read from a worker.
    enum Message {
        /// A message, and the line it came in.
        case line(WorkerMessage, [UInt8], Range<Int>)
        /// A line that is no message: its first bytes, what is wrong with it, and whether it can be passed over.
        case unusable(String, reason: String, isFatal: Bool)
        /// Standard output has ended.
        case outputClosed
        /// A line of standard error.
        case errorLine(String)
    }

    let process: WorkerProcess
    var memory = MemoryUse()
    private let pool: Int
    private var outputIsReady = false
    private var errorsAreReady = false
    private var hasEnded = false

    /// How long the pipes of a worker that has ended are read.
    private static let lastWordsLimit: PoolTime.Milliseconds = 100
    /// The most that is read from one worker in one turn, so that none starves the others.
    private static let readsPerTurn = 16

    init(_ process: WorkerProcess, pool: Int) {
        self.process = process
        self.pool = pool
    }

    var view: WorkerView {
        WorkerView(pool: pool, id: process.worker, pid: Int(process.pid), errorTail: process.errorTail.tail)
    }

    /// When the worker must be looked at although nothing happens.
    var nextWake: PoolTime? { process.endedAt.map { $0 + Self.lastWordsLimit } }

    // MARK: Polling

    func addPollEntries(to polled: inout [pollfd]) {
        let input = process.hasUnsent ? process.input : -1
        // poll(2) passes over negative descriptors.
        polled.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0))
        polled.append(pollfd(fd: process.output, events: Int16(POLLIN), revents: 0))
        polled.append(pollfd(fd: process.errors, events: Int16(POLLIN), revents: 0))
        polled.append(
            pollfd(fd: process.endedAt == nil ? process.pidfd : -1, events: Int16(POLLIN), revents: 0)
        )
    }

    func takePollResults(_ polled: [pollfd], from next: inout Int) {
        outputIsReady = polled[next + 1].revents != 0
        errorsAreReady = polled[next + 2].revents != 0
        hasEnded = hasEnded || polled[next + 3].revents != 0
        next += 4
    }

    // MARK: Reading

    /// Has the next `read` look, whatever poll(2) said.
    func mustRead() { (outputIsReady, errorsAreReady) = (true, true) }

    /// Reads what is there and hands on what it says.
    func read(at now: PoolTime, _ take: (Message) -> Void) {
        process.errorTail.beginTurn()
        hasEnded = hasEnded || process.isReaped
        if hasEnded, process.endedAt == nil {
            process.endedAt = now
            // What the worker's tasks left behind goes with it.
            process.signalGroup(SIGKILL)
        }
        if errorsAreReady || hasEnded { readErrors(take) }
        if outputIsReady || hasEnded { readOutput(take) }
    }

    /// How the worker ended, once that is certain and nothing more can come from it.
    func exit(at now: PoolTime, limitKB: Int?, _ kernelKills: inout KernelKills) -> WorkerExit? {
        guard let endedAt = process.endedAt else { return nil }
        let isLate = now - endedAt >= 100_000_000
        guard process.output < 0 && process.errors < 0 || isLate else { return nil }
        guard var exit = process.exitStatus() else { return nil }
        exit.peakRSSKB = process.errorTail.crashLine?.peakRSSKB ?? memory.peakKB
        exit.isOutOfMemory = !exit.isClean && lacksMemory(exit, limitKB: limitKB, &kernelKills)
        return exit
    }

    /// Whether the worker died for want of memory, by what it said, what was seen of it, and what the kernel counts.
    private func lacksMemory(_ exit: WorkerExit, limitKB: Int?, _ kernelKills: inout KernelKills) -> Bool {
        if process.errorTail.crashLine?.isOutOfMemory ?? false { return true }
        if let limitKB, let lastKB = memory.lastKB, lastKB > limitKB / 10 * 9 { return true }
        if process.errorTail.tail.suffix(3).contains(where: Self.speaksOfMemory) { return true }
        return exit.signal == SIGKILL && kernelKills.takeOne()
    }

    /// The last words of Swift's, C++'s and Python's runtimes where memory has run out.
    private static func speaksOfMemory(_ line: String) -> Bool {
        ["failed to allocate", "bad_alloc", "MemoryError"].contains { line.contains($0) }
    }

    private func readErrors(_ take: (Message) -> Void) {
        for _ in 0..<Self.readsPerTurn where process.errors >= 0 {
            guard let bytes = process.readErrors() else {
                if let last = process.errorTail.finish() { take(.errorLine(last)) }
                process.closeErrors()
                return
            }
            guard !bytes.isEmpty else { return }
            for line in process.errorTail.take(bytes) { take(.errorLine(line)) }
        }
    }

    private func readOutput(_ take: (Message) -> Void) {
        for _ in 0..<Self.readsPerTurn where process.output >= 0 {
            switch process.readOutput() {
            case .some: takeLines(take)
            case .nothing: return
            case .end:
                // A torn last line is no answer: its writer died in the middle of it.
                process.closeOutput()
                take(.outputClosed)
            }
        }
    }

    private func takeLines(_ take: (Message) -> Void) {
        while let line = process.framer.next() {
            switch line {
            case .tooLong(let range):
                let limit = WireLimits.maxWorkerLineBytes >> 20
                take(.unusable(shown(range), reason: "the line is longer than \(limit) MiB", isFatal: true))
            case .whole(let range): takeLine(range, take)
            }
        }
    }

    private func takeLine(_ range: Range<Int>, _ take: (Message) -> Void) {
        let bytes = process.framer.bytes
        do throws(JSONSyntaxError) {
            let message = try WorkerMessage.read(bytes.span.extracting(range))
            if message == .echo {
                take(.unusable(shown(range), reason: "it echoes its coordinator", isFatal: false))
            } else {
                take(.line(message, bytes, range))
            }
        } catch {
            let isText = UTF8Check.isValid(bytes.span.extracting(range))
            let reason = isText ? "stdout is reserved for records: \(error)" : "it is not valid UTF-8"
            take(.unusable(shown(range), reason: reason, isFatal: !isText || bearsNumber(range)))
        }
    }

    /// Whether a line was meant as an answer, so that a task would wait for it in vain.
    private func bearsNumber(_ range: Range<Int>) -> Bool {
        let bytes = process.framer.bytes
        do throws(JSONSyntaxError) {
            let whole = try JSONScanner.document(in: bytes.span, range: range)
            return try bytes.span.member("seq", of: whole) != nil
        } catch {
            return false
        }
    }

    private func shown(_ range: Range<Int>) -> String {
        String(decoding: process.framer.bytes[range].prefix(200), as: UTF8.self)
    }
}
