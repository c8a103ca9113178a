// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// A worker as the loop of the pool thread (`PoolLoop`) sees it: its process, its unsent and unread lines,
/// and the readiness of its descriptors.
///
/// A member turns bytes into messages, and decides when its worker has ended (`exit`).
///
/// Only the pool thread uses a member, and no callback uses the member while a line is written or sent. So
/// exclusive access is not checked for the properties that each task uses.
final class PoolMember {
    /// An observation of a worker, apart from its messages.
    enum Sign {
        /// A line that is not a message, or the part of a line before a message.
        case unusable(UnusableLine)
        /// A line that repeats the first line sent to the worker.
        case echo(UnusableLine)
        /// Bytes of an incomplete line have come, and no complete line.
        case part
        /// Standard output has ended, or the process has ended.
        case outputClosed
        /// A line of standard error.
        case errorLine(String)
    }

    let link: any WorkerLink
    let view: WorkerView
    /// The lines to send; the first `written` bytes are already sent.
    @exclusivity(unchecked) @safe
    var outbox = JSONWriter()
    /// The first line sent to the worker, without the line feed.
    ///
    /// A program that echoes this line does not speak the protocol.
    var firstLine: [UInt8] = []
    var closesInputWhenFlushed = false
    var errorTail = StderrTail()
    var memory = MemoryUse()
    /// The time at which the memory was last read to be shown; `nil` before that.
    var memoryReadAt: PoolTime?
    /// True if the worker's first `hello` named `fetchpool`; `nil` before that line.
    ///
    /// The lines of a child coordinator may be as long as `WireLimits.maxChildLineBytes`.
    var isCoordinator: Bool?
    @exclusivity(unchecked) @safe
    private var written = 0
    /// The number of bytes sent before the content of `outbox`.
    @exclusivity(unchecked) @safe
    private var flushed = 0
    /// The start positions of the latest tasks' lines, in bytes from the first byte sent.
    @exclusivity(unchecked) @safe
    private var taskStarts: [Int] = []
    /// True if so much waits to be sent that no task should be added.
    private(set) var isStuffed = false
    private var framer = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
    /// The time at which the process was found to have ended; `nil` before that.
    private var endedAt: PoolTime?
    /// The time at which the pool first sent SIGKILL; `nil` before that.
    private var killedAt: PoolTime?
    private var killLimit = PoolMember.killLimit
    private var outputIsReady = false
    /// The number of lines of standard output that the last call of `read` has taken.
    @exclusivity(unchecked) @safe
    private var linesOfTurn = 0
    /// The position in standard output after the last accepted result.
    private var resultBytes = 0
    /// True if `linesPerTurn` does not limit the next read.
    private var readsAll = false
    private var errorsAreReady = false
    private var hasEnded = false

    /// The longest time for which the pipes of an ended worker are read.
    private static let lastWordsLimit: PoolTime.Milliseconds = 100
    /// The longest time from SIGKILL to the end of the process; after this time, the worker counts as ended.
    ///
    /// A process in an uninterruptible system call does not end, for example if a file server is gone. A
    /// process of another user cannot be killed at all (kill(2)). The kernel needs some seconds to free the
    /// memory of a large process.
    private static let killLimit: PoolTime.Milliseconds = 10_000
    /// The limit in place of `killLimit` after `hurry`.
    private static let hurriedKillLimit: PoolTime.Milliseconds = 2_000
    /// The most reads from one pipe in one call of `read`, so that no worker delays the others for long.
    private static let readsPerTurn = 64
    /// The most unsent bytes with which a worker still gets tasks.
    private static let mostUnsent = 1 << 20
    /// The number of latest tasks whose positions are always kept; no worker holds more tasks.
    private static let rememberedTasks = 20_480
    /// The number of lines after which a worker's output waits for the next turn, so that the worker soon
    /// gets new tasks.
    ///
    /// The limit does not apply after `mustRead`, or to an ended worker.
    private static let linesPerTurn = 256

    /// The smallest number of lines that counts as many (`readsManyLines`).
    ///
    /// The fixed cost of a turn of the loop is small if so many lines share it.
    private static let manyLines = 64

    init(_ worker: WorkerID, _ link: any WorkerLink) {
        self.link = link
        view = WorkerView(id: worker, pid: Int(link.pid))
    }

    /// The time at which the worker must be checked even if nothing happens; `nil` until its process is known
    /// to have ended, or was killed.
    var nextWake: PoolTime? {
        endedAt.map { $0 + Self.lastWordsLimit } ?? killedAt.map { $0 + killLimit }
    }

    /// Shortens the time for which the pool waits for the end of the process after SIGKILL, to 2 s.
    func hurry() { killLimit = Self.hurriedKillLimit }

    /// Sends SIGKILL to the worker's process group.
    func kill(at now: PoolTime) {
        killedAt = killedAt ?? now
        link.signalGroup(SIGKILL)
    }

    // MARK: Polling

    func addPollEntries(to polled: inout [pollfd]) {
        let input = hasUnsent ? link.input : -1
        // poll(2) ignores an entry with a negative descriptor. Each member has four entries in any case.
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

    /// True if lines wait to be sent, or the input waits to be closed.
    private var hasUnsent: Bool {
        link.input >= 0 && (written < outbox.count || closesInputWhenFlushed)
    }

    /// Notes that a task's line is written next.
    func beginTask() {
        if taskStarts.count == 2 * Self.rememberedTasks { taskStarts.removeFirst(Self.rememberedTasks) }
        taskStarts.append(flushed + outbox.count)
    }

    /// Writes a beat, unless other lines wait or the input is closed or will be closed.
    ///
    /// Any line shows the worker that the coordinator still runs.
    func sendBeat() {
        guard link.input >= 0, !closesInputWhenFlushed, written == outbox.count else { return }
        outbox.writeBeat(Beat())
    }

    /// Sends the bytes that the pipe takes now.
    ///
    /// When all bytes are sent, the function closes the input if `closesInputWhenFlushed` is true.
    func flush() {
        if link.input >= 0, written < outbox.count {
            written += outbox.withBytes { link.send($0, from: written) }
            isStuffed = outbox.count - written > Self.mostUnsent
            guard written == outbox.count || link.input < 0 else { return forgetSent() }
        }
        // Bytes that were not written before the input closed stay in the outbox, and count as unread.
        if written == outbox.count {
            flushed += written
            outbox.removeAll()
            written = 0
        }
        isStuffed = false
        if closesInputWhenFlushed { link.closeInput() }
    }

    /// Removes the sent bytes from `outbox`, if they are more than `mostUnsent` and more than the unsent
    /// bytes.
    ///
    /// If a worker always reads more slowly than the pool writes, the worker's outbox is never empty.
    private func forgetSent() {
        guard written > Self.mostUnsent, written > outbox.count / 2 else { return }
        outbox.removeFirst(written)
        flushed += written
        written = 0
    }

    /// True if the worker has begun a line and not ended it; a line that is already too long does not count.
    var isTorn: Bool { framer.pendingBytes > 0 }

    /// The number of the latest tasks that the worker has not begun to read.
    var unreadTasks: Int {
        let read = flushed + written - link.unreadInput
        return taskStarts.count - (taskStarts.firstIndex { $0 >= read } ?? taskStarts.count)
    }

    // MARK: Reading

    /// True if the last call of `read` has taken at least `manyLines` lines of standard output.
    var readsManyLines: Bool { linesOfTurn >= Self.manyLines }

    /// True if standard error can be read, or the process has ended.
    var isReadyBesideOutput: Bool { errorsAreReady || hasEnded }

    /// Makes the next `read` try both pipes, even if poll(2) reported nothing; `linesPerTurn` does not apply.
    func mustRead() { (outputIsReady, errorsAreReady, readsAll) = (true, true, true) }

    /// Reads the available bytes, and passes messages and other observations to `listener`.
    func read(at now: PoolTime, for listener: inout WorkerListener) {
        errorTail.beginTurn()
        linesOfTurn = 0
        hasEnded = hasEnded || link.isReaped
        let hasJustEnded = hasEnded && endedAt == nil
        if hasJustEnded {
            endedAt = now
            // The processes that tasks have left behind in the worker's group end with the worker.
            link.signalGroup(SIGKILL)
        }
        if errorsAreReady || hasEnded {
            readErrors(for: &listener)
            errorTail.note(position: link.finishedBytes)
        }
        if outputIsReady || hasEnded { readOutput(for: &listener) }
        // Other processes may hold the pipe open for longer, but the dead worker must get no task.
        if hasJustEnded, link.output >= 0 { listener.take(.outputClosed) }
        if listener.takenResults > 0 { errorTail.forgetLines(before: resultBytes) }
    }

    /// Returns the end of the worker; `nil` while the worker does not count as ended.
    ///
    /// A worker counts as ended once its exit status is known, and its standard output and standard error
    /// have been read to the end. The pipes are read for at most 100 ms after the end of the process, because
    /// a grandchild can hold a pipe open. A process that survives SIGKILL for `killLimit` counts as ended
    /// too, with SIGKILL as its signal.
    func exit(at now: PoolTime, limitKB: Int?, _ host: any LoopHost) -> WorkerExit? {
        guard let endedAt else { return exitOfSurvivor(at: now) }
        let isLate = now >= endedAt + Self.lastWordsLimit
        guard link.output < 0 && link.errors < 0 || isLate else { return nil }
        guard var exit = link.exitStatus() else { return nil }
        (exit.pid, exit.errorTail) = (Int(link.pid), errorTail.tail)
        exit.peakRSSKB = errorTail.crashLine?.peakRSSKB ?? memory.peakKB
        exit.isOutOfMemory = !exit.isClean && lacksMemory(exit, limitKB: limitKB, host)
        return exit
    }

    private func exitOfSurvivor(at now: PoolTime) -> WorkerExit? {
        guard let killedAt, now >= killedAt + killLimit else { return nil }
        errorTail.add(
            "the process \(link.pid) did not end within \(killLimit.count / 1_000) s after SIGKILL; if it still runs, end it by hand"
        )
        var exit = WorkerExit(signal: SIGKILL)
        exit.survivedSIGKILL = true
        (exit.pid, exit.errorTail, exit.peakRSSKB) = (Int(link.pid), errorTail.tail, memory.peakKB)
        return exit
    }

    /// Returns `true` if the worker probably died for lack of memory.
    ///
    /// The crash line (`CrashLine`), other lines of standard error, the last known memory, or the kernel's
    /// count of kills can show this.
    private func lacksMemory(_ exit: WorkerExit, limitKB: Int?, _ host: any LoopHost) -> Bool {
        if errorTail.crashLine?.isOutOfMemory ?? false { return true }
        if let limitKB, let lastKB = memory.lastKB, lastKB > limitKB / 10 * 9 { return true }
        if errorTail.showsLackOfMemory { return true }
        return exit.signal == SIGKILL && host.takeKernelKill()
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
        defer {
            readsAll = false
            framer.shrink()
        }
        var lines = 0
        defer { linesOfTurn = lines }
        for _ in 0..<Self.readsPerTurn where link.output >= 0 {
            switch link.readOutput(into: &framer) {
            case .full:
                listener.hasRead()
                lines += takeLines(for: &listener)
                guard lines < Self.linesPerTurn || readsAll || hasEnded else { return }
            case .some:
                listener.hasRead()
                lines += takeLines(for: &listener)
                // A worker that writes line by line could need many reads in one turn, so its next lines
                // wait for the next turn. The output of an ended worker is read to its end.
                guard hasEnded else { return }
            case .nothing: return
            case .end:
                // An incomplete last line is not a result, because the rest of the line is missing.
                link.closeOutput()
                listener.take(.outputClosed)
            }
        }
    }

    // MARK: Lines

    /// Takes the complete lines and returns their number.
    private func takeLines(for listener: inout WorkerListener) -> Int {
        let earlier = listener.takenResults
        let (lines, bytesAfterResults) = Self.takeLines(of: &framer, for: &listener)
        if listener.takenResults > earlier { resultBytes = link.receivedBytes - bytesAfterResults }
        if isCoordinator == true { framer.maxLineBytes = WireLimits.maxChildLineBytes }
        if lines == 0, isTorn { listener.take(.part) }
        return lines
    }

    /// Takes the complete lines; returns their number, and the number of bytes after the last accepted
    /// result (0 if no result was accepted).
    ///
    /// `framer` is a parameter, because each access of a class property costs time.
    private static func takeLines(
        of framer: inout LineFramer,
        for listener: inout WorkerListener
    ) -> (lines: Int, bytesAfterResults: Int) {
        var (lines, results, rest) = (0, listener.takenResults, 0)
        while let line = framer.next() {
            lines += 1
            switch line {
            case .tooLong(let range):
                let line = tooLong(framer.bytes.span.extracting(range), framer.maxLineBytes)
                // If a result is too long, its task ends now, and its worker continues.
                if line.isResultLike { framer.spareSkipped(longResultBytes) }
                listener.take(.unusable(line))
            case .whole(let range):
                takeLine(framer.bytes.span.extracting(range), for: &listener)
            }
            if listener.takenResults > results {
                (results, rest) = (listener.takenResults, framer.pendingBytes)
            }
        }
        // While a line that is too long goes on, each further `maxWorkerLineBytes` of the line are reported
        // as an `UnusableLine` of their own. For a result, these reports begin after `longResultBytes`.
        if framer.takeSkipped(WireLimits.maxWorkerLineBytes) { listener.take(.unusable(endless)) }
        return (lines, rest)
    }

    private static func takeLine(_ line: Span<UInt8>, for listener: inout WorkerListener) {
        var result = ResultMessage(seq: 0)
        // Nearly all lines are results. A result in a `WorkerMessage` would be copied several times.
        if FastResultReader.read(line, into: &result) { return listener.take(result, in: line) }
        do throws(JSONSyntaxError) {
            switch try WorkerMessage.readAny(line) {
            case .echo:
                let echo = unusable(line, "it repeats a line that its coordinator sent", at: 0)
                // Page content in the output may look like an echo; such a line is only unusable.
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

    /// Takes a message that follows other text in its line; returns `false` if there is no such message.
    ///
    /// The other text was printed without a line feed, or is a part of a result.
    ///
    /// Each opening brace after the line's first byte is tried, until the attempts have read about twice the
    /// line's bytes plus 128 KiB.
    private static func takeGlued(_ line: Span<UInt8>, for listener: inout WorkerListener) -> Bool {
        var budget = 2 * line.count + (128 << 10)
        for start in line.indices.dropFirst() where line[start] == UInt8(ascii: "{") {
            guard budget > 0 else { return false }
            let rest = line.extracting(start...)
            do throws(JSONSyntaxError) {
                let message = try WorkerMessage.readAny(rest)
                budget -= rest.count
                guard message.isForCoordinators else { continue }
                let before = line.extracting(..<start)
                let reason = "it has no line feed before the next message"
                listener.take(.unusable(unusable(before, reason, at: 0)))
                listener.take(message, in: rest)
                return true
            } catch {
                // An error at offset 0 may come after `rest` was read to its end. The added number stands for
                // the cost of any attempt.
                budget -= (error.offset == 0 ? rest.count : error.offset) + 1_024
            }
        }
        return false
    }

    private static func unusable(_ line: Span<UInt8>, _ reason: String, at offset: Int) -> UnusableLine {
        let isResultLike = NumberGuess.beginsAsObject(line)
        // The first bytes are shown, or the bytes around the error if the error is further on.
        let first = offset < shownBytes ? 0 : max(0, min(offset - shownBytes / 2, line.count - shownBytes))
        return UnusableLine(
            shown: shown(line, from: first),
            reason: reason,
            bytes: line.count + 1,
            isResultLike: isResultLike,
            numbers: isResultLike ? NumberGuess.numbers(in: line) : []
        )
    }

    private static func tooLong(_ start: Span<UInt8>, _ limit: Int) -> UnusableLine {
        let isResultLike = NumberGuess.beginsAsObject(start)
        return UnusableLine(
            shown: shown(start, from: 0),
            reason: "the line is longer than \(limit >> 20) MiB",
            bytes: WireLimits.maxWorkerLineBytes,
            isResultLike: isResultLike,
            numbers: isResultLike ? NumberGuess.numbers(in: start) : [],
            isTooLong: true
        )
    }

    /// The number of skipped bytes of a result that do not count against its worker.
    private static let longResultBytes = 512 << 20

    /// A further part of a line that is too long.
    private static let endless = UnusableLine(
        shown: "",
        reason: "the line goes on for another \(WireLimits.maxWorkerLineBytes >> 20) MiB",
        bytes: WireLimits.maxWorkerLineBytes,
        isFurtherPart: true
    )

    private static let shownBytes = 200

    /// Returns the part of a line that users see, without the text from the first secret member on.
    private static func shown(_ line: Span<UInt8>, from start: Int) -> String {
        let end = min(line.count, start + shownBytes)
        guard let secret = SecretMembers.start(in: line.extracting(..<end)) else {
            return String(decoding: line.array(start..<end), as: UTF8.self)
        }
        return String(decoding: line.array(min(start, secret)..<secret), as: UTF8.self) + "…"
    }
}
