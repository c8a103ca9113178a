// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// A worker as the loop sees it: its process, and what poll(2) said of its descriptors.
///
/// It turns bytes into messages and knows when a worker has truly ended: the process is gone *and* its output was read
/// to the end, or 100 ms have passed, because a grandchild may hold the pipe open.
final class PoolMember {
    /// What was noticed of a worker beside its messages.
    enum Sign {
        /// A line that is no message.
        case unusable(UnusableLine)
        /// The first line it was sent, sent back.
        case echo(UnusableLine)
        /// Standard output has ended, or nothing more comes to it from the worker.
        case outputClosed
        /// A line of standard error.
        case errorLine(String)
    }

    let link: any WorkerLink
    let view: WorkerView
    /// Lines to send; what `written` counts is gone already.
    var outbox = JSONWriter()
    /// The first line it was sent, without its line feed: a program that sends it back speaks no protocol.
    var firstLine: [UInt8] = []
    var closesInputWhenFlushed = false
    var errorTail = StderrTail()
    var memory = MemoryUse()
    /// False once it has said that it is another program.
    var mayBeCoordinator = true
    private var written = 0
    /// The bytes that went before what `outbox` holds.
    private var flushed = 0
    /// Where the lines of the tasks sent last begin, counted from the first byte sent.
    private var taskStarts: [Int] = []
    /// True if so much waits to be sent that no task is to be added.
    private(set) var isStuffed = false
    private var framer = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
    /// Since when the process is known to have ended.
    private var endedAt: PoolTime?
    private var outputIsReady = false
    /// Whether all is to be read that is there.
    private var readsAll = false
    private var errorsAreReady = false
    private var hasEnded = false

    /// How long the pipes of a worker that has ended are read.
    private static let lastWordsLimit: PoolTime.Milliseconds = 100
    /// The most that is read from one worker in one turn, so that none starves the others.
    private static let readsPerTurn = 64
    /// The most bytes that wait to be sent to a worker before it is given no further task.
    private static let mostUnsent = 1 << 20
    /// Tasks whose places are remembered: more than a worker can have in hand.
    private static let rememberedTasks = 16_384
    /// The most lines of one worker that are read before its new tasks are sent, so that it does not idle meanwhile.
    private static let linesPerTurn = 256

    init(_ worker: WorkerID, _ link: any WorkerLink) {
        self.link = link
        view = WorkerView(id: worker, pid: Int(link.pid))
    }

    /// When the worker must be looked at although nothing happens.
    var nextWake: PoolTime? { endedAt.map { $0 + Self.lastWordsLimit } }

    // MARK: Polling

    func addPollEntries(to polled: inout [pollfd]) {
        let input = hasUnsent ? link.input : -1
        // poll(2) passes over negative descriptors.
        polled.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0))
        polled.append(pollfd(fd: link.output, events: Int16(POLLIN), revents: 0))
        polled.append(pollfd(fd: link.errors, events: Int16(POLLIN), revents: 0))
        polled.append(
            pollfd(fd: endedAt == nil ? link.pidfd : -1, events: Int16(POLLIN), revents: 0)
        )
    }

    func takePollResults(_ polled: [pollfd], from next: inout Int) {
        outputIsReady = polled[next + 1].revents != 0
        errorsAreReady = polled[next + 2].revents != 0
        hasEnded = hasEnded || polled[next + 3].revents != 0
        next += 4
    }

    // MARK: Sending

    /// Whether lines wait to be sent.
    private var hasUnsent: Bool {
        link.input >= 0 && (written < outbox.count || closesInputWhenFlushed)
    }

    /// Notes that a task's line is written next.
    func beginTask() {
        if taskStarts.count == 2 * Self.rememberedTasks { taskStarts.removeFirst(Self.rememberedTasks) }
        taskStarts.append(flushed + outbox.count)
    }

    /// Sends as much as the pipe takes now.
    func flush() {
        if link.input >= 0, written < outbox.count {
            written += outbox.withBytes { link.send($0, from: written) }
            isStuffed = outbox.count - written > Self.mostUnsent
            guard written == outbox.count || link.input < 0 else { return }
        }
        // What was not written when the input closed is unread all the same.
        if written == outbox.count {
            flushed += written
            outbox.removeAll()
            written = 0
        }
        isStuffed = false
        if closesInputWhenFlushed { link.closeInput() }
    }

    /// True where a line was begun and has not ended.
    var isTorn: Bool { framer.pendingBytes > 0 }

    /// The number of tasks, of those sent last, of which the worker has read no byte.
    var unreadTasks: Int {
        let read = flushed + written - link.unreadInput
        return taskStarts.count - (taskStarts.firstIndex { $0 >= read } ?? taskStarts.count)
    }

    // MARK: Reading

    /// Has the next `read` look, whatever poll(2) said, and read all that is there.
    func mustRead() { (outputIsReady, errorsAreReady, readsAll) = (true, true, true) }

    /// Reads what is there and hands on what it says, and what else was noticed.
    func read(at now: PoolTime, for listener: inout WorkerListener) {
        errorTail.beginTurn()
        hasEnded = hasEnded || link.isReaped
        let hasJustEnded = hasEnded && endedAt == nil
        if hasJustEnded {
            endedAt = now
            // What the worker's tasks left behind goes with it.
            link.signalGroup(SIGKILL)
        }
        if errorsAreReady || hasEnded { readErrors(for: &listener) }
        if outputIsReady || hasEnded { readOutput(for: &listener) }
        // Where others hold the pipe open, its end is waited for; no task may be dealt to the dead meanwhile.
        if hasJustEnded, link.output >= 0 { listener.take(.outputClosed) }
        if listener.hasTakenAnswer { errorTail.forgetEarlierTurns() }
    }

    /// How the worker ended, once that is certain and nothing more can come from it.
    func exit(at now: PoolTime, limitKB: Int?, _ host: any LoopHost) -> WorkerExit? {
        guard let endedAt = endedAt else { return nil }
        let isLate = now - endedAt >= 100_000_000
        guard link.output < 0 && link.errors < 0 || isLate else { return nil }
        guard var exit = link.exitStatus() else { return nil }
        (exit.pid, exit.errorTail) = (Int(link.pid), errorTail.tail)
        exit.peakRSSKB = errorTail.crashLine?.peakRSSKB ?? memory.peakKB
        exit.isOutOfMemory = !exit.isClean && lacksMemory(exit, limitKB: limitKB, host)
        return exit
    }

    /// Whether the worker died for want of memory, by what it said, what was seen of it, and what the kernel counts.
    private func lacksMemory(_ exit: WorkerExit, limitKB: Int?, _ host: any LoopHost) -> Bool {
        if errorTail.crashLine?.isOutOfMemory ?? false { return true }
        if let limitKB, let lastKB = memory.lastKB, lastKB > limitKB / 10 * 9 { return true }
        if errorTail.tail.suffix(3).contains(where: Self.speaksOfMemory) { return true }
        return exit.signal == SIGKILL && host.takeKernelKill()
    }

    /// The last words of Swift's, C++'s and Python's runtimes where memory has run out.
    private static func speaksOfMemory(_ line: String) -> Bool {
        ["failed to allocate", "bad_alloc", "MemoryError"].contains { line.contains($0) }
    }

    private func readErrors(for listener: inout WorkerListener) {
        for _ in 0..<Self.readsPerTurn where link.errors >= 0 {
            guard let bytes = link.readErrors() else {
                if let last = errorTail.finish() { listener.take(.errorLine(last)) }
                link.closeErrors()
                return
            }
            guard !bytes.isEmpty else { return }
            for line in errorTail.take(bytes) { listener.take(.errorLine(line)) }
        }
    }

    private func readOutput(for listener: inout WorkerListener) {
        defer { readsAll = false }
        var lines = 0
        for _ in 0..<Self.readsPerTurn where link.output >= 0 {
            switch link.readOutput(into: &framer) {
            case .full:
                lines += Self.takeLines(of: &framer, for: &listener)
                guard lines < Self.linesPerTurn || readsAll || hasEnded else { return }
            case .some:
                _ = Self.takeLines(of: &framer, for: &listener)
                // A worker that writes line by line would be followed for ever; but of one that has ended all is wanted.
                guard hasEnded else { return }
            case .nothing: return
            case .end:
                // A torn last line is no answer: its writer died in the middle of it.
                link.closeOutput()
                listener.take(.outputClosed)
            }
        }
    }

    // MARK: Lines

    /// Takes the lines that are whole and returns how many there were, with the framer in hand: each look at a property of a class has its price.
    private static func takeLines(of framer: inout LineFramer, for listener: inout WorkerListener) -> Int {
        var lines = 0
        while let line = framer.next() {
            lines += 1
            switch line {
            case .tooLong(let range): listener.take(.unusable(tooLong(framer.bytes.span.extracting(range))))
            case .whole(let range):
                takeLine(framer.bytes.span.extracting(range), for: &listener)
            }
        }
        return lines
    }

    private static func takeLine(_ line: Span<UInt8>, for listener: inout WorkerListener) {
        var answer = Answer(seq: 0)
        // Nearly all lines are answers; as a case of `WorkerMessage` each would be copied several times.
        if UsualAnswer.read(line, into: &answer) { return listener.take(answer, in: line) }
        do throws(JSONSyntaxError) {
            switch try WorkerMessage.readAny(line) {
            case .echo:
                let echo = unusable(line, "it echoes its coordinator", at: 0)
                // A page may print the like of it, but not the very line.
                let isOwn = listener.isFirstLine(line)
                listener.take(isOwn ? .echo(echo) : .unusable(echo))
            case let message: listener.take(message, in: line)
            }
        } catch {
            if takeGlued(line, for: &listener) { return }
            if let fault = UTF8Check.firstFault(in: line) {
                listener.take(.unusable(unusable(line, "it is not valid UTF-8 at byte \(fault)", at: fault)))
            } else {
                listener.take(.unusable(unusable(line, "\(error)", at: error.offset)))
            }
        }
    }

    /// Takes a message that stands behind something else in its line: a print without a line feed, or the half of an answer.
    private static func takeGlued(_ line: Span<UInt8>, for listener: inout WorkerListener) -> Bool {
        var tries = 0
        for start in 1..<max(1, min(line.count, 4_096)) where line[start] == UInt8(ascii: "{") {
            tries += 1
            guard tries <= 32 else { return false }
            let rest = line.extracting(start...)
            guard let message = try? WorkerMessage.readAny(rest), message.isForCoordinators else { continue }
            let before = line.extracting(..<start)
            listener.take(.unusable(unusable(before, "it has no line feed before the next message", at: 0)))
            listener.take(message, in: rest)
            return true
        }
        return false
    }

    private static func unusable(_ line: Span<UInt8>, _ reason: String, at offset: Int) -> UnusableLine {
        let isAnswerLike = NumberGuess.beginsAsObject(line)
        // The first bytes show what the line is; of a long one, those around the fault show what is wrong.
        let first = offset < shownBytes ? 0 : max(0, min(offset - shownBytes / 2, line.count - shownBytes))
        return UnusableLine(
            shown: shown(line.extracting(first...)),
            reason: reason,
            bytes: line.count + 1,
            isAnswerLike: isAnswerLike,
            numbers: isAnswerLike ? NumberGuess.numbers(in: line) : []
        )
    }

    private static func tooLong(_ start: Span<UInt8>) -> UnusableLine {
        UnusableLine(
            shown: shown(start),
            reason: "the line is longer than \(WireLimits.maxWorkerLineBytes >> 20) MiB",
            bytes: WireLimits.maxWorkerLineBytes,
            isAnswerLike: NumberGuess.beginsAsObject(start),
            numbers: NumberGuess.numbers(in: start),
            isTooLong: true
        )
    }

    private static let shownBytes = 200

    private static func shown(_ line: Span<UInt8>) -> String {
        String(decoding: line.array(0..<min(line.count, shownBytes)), as: UTF8.self)
    }
}
