// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
import ProcessPool
import Synchronization

/// A thread that takes lines from a queue, and writes them to the output.
///
/// The lines are records or, in a child coordinator, messages to the parent coordinator.
///
/// After a failed write, the thread cuts off the incomplete line of a regular file, unless another process
/// has appended to the file.
final class OutputThread: RecordOutput, Sendable {
    /// The number of bytes in the queue at which the run stops sending tasks.
    private static let limit = 4 << 20
    /// The largest number of bytes that are joined into one write; a larger queue element is written alone.
    private static let mostAtOnce = 256 << 10

    /// The longest time that `finish` still waits after `givesUp` has returned true, in milliseconds.
    private static let lastMilliseconds = 500
    private let queue = BoundedQueue<[UInt8]>(limit: limit) { $0.count }
    private let target: Target
    private let wake: WakePipe
    /// The page that counts the records; `nil` for none.
    private let page: RunPage?
    private let failed = Mutex<RunError?>(nil)
    private let finished = Mutex(false)
    /// The lines of the current write, the value of `written` before this write, and the lines that could not
    /// be written.
    private let lines = Mutex((current: [UInt8](), start: 0, lost: [[UInt8]]()))
    private let written = Atomic(0)
    /// True if the thread must wake the run after its next write.
    private let isAwaited = Atomic(false)

    /// The console whose display is on the terminal to which the records are written; `nil` if there is none.
    private let console: Console?

    /// Creates a thread; `console` is the console on the terminal to which the records are written, if any.
    init(_ target: Target, wake: WakePipe, page: RunPage? = nil, aside console: Console? = nil) {
        (self.target, self.wake, self.page, self.console) = (target, wake, page, console)
    }

    /// Starts the thread; it ends after `close`, when the queue is empty.
    ///
    /// After a failure (`failure`), the thread no longer writes lines, but keeps them for `takeUnwritten`.
    func start() {
        let thread = Thread { self.writeAll() }
        thread.name = "output"
        thread.start()
    }

    func write(_ lines: [UInt8]) { queue.pushWithoutWaiting(lines) }

    func close() { queue.close() }

    var isFull: Bool {
        guard queue.isFull else { return false }
        isAwaited.store(true, ordering: .sequentiallyConsistent)
        // The check is repeated, because the thread wakes nobody if it emptied the queue before the store.
        return queue.isFull
    }

    var failure: RunError? { failed.withLock { $0 } }

    var writtenBytes: Int {
        isAwaited.store(true, ordering: .sequentiallyConsistent)
        return written.load(ordering: .sequentiallyConsistent)
    }

    var loss: String? {
        guard target.wasRemoved else { return nil }
        return "--output '\(target.name)' was removed during the run; its records are lost"
    }

    /// True once the thread has ended: the queue is closed and empty.
    var isFinished: Bool { finished.withLock { $0 } }

    func finish(orUntil givesUp: () -> Bool) -> Bool {
        close()
        while !isFinished, !givesUp() { wake.wait(milliseconds: 100) }
        // The thread gets a short time to write the lines that the output still accepts.
        let end = MonotonicClock.milliseconds() + Self.lastMilliseconds
        while !isFinished, MonotonicClock.milliseconds() < end { wake.wait(milliseconds: 50) }
        return isFinished
    }

    func takeUnwritten() -> [[UInt8]] {
        // If `finish` gave up, the thread can still be writing its current lines.
        let isOver = isFinished
        var (current, start, lost) = lines.withLock { $0 }
        if !isOver {
            // If the thread has begun to write other lines since the copy, all of `current` is written.
            let count = max(written.load(ordering: .sequentiallyConsistent) - start, 0)
            let rest = Self.unwritten(current, count)
            if !rest.isEmpty { lost.append(rest) }
            while let piece = queue.pop() { lost.append(piece) }
        }
        return lost
    }

    /// Returns the lines that are not completely written once `count` bytes of `lines` are written.
    private static func unwritten(_ lines: [UInt8], _ count: Int) -> [UInt8] {
        let whole = lines.prefix(count).lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return Array(lines[whole...])
    }

    private func writeAll() {
        var target = target
        if let failure = target.openPipe() {
            failed.withLock { $0 = failure }
            wake.wake()
        }
        while true {
            let pieces = queue.popAllWaiting(upTo: Self.mostAtOnce)
            guard let first = pieces.first else { break }
            let lines = pieces.count == 1 ? first : pieces.reduce(into: []) { $0 += $1 }
            let target = target
            if failure != nil {
                self.lines.withLock { $0.lost.append(lines) }
            } else if let failure = aside({ write(all: lines, to: target) }) {
                failed.withLock { $0 = failure }
                wake.wake()
            }
            if isAwaited.exchange(false, ordering: .sequentiallyConsistent) { wake.wake() }
        }
        if failure == nil, let late = target.checkWritten() { failed.withLock { $0 = late } }
        finished.withLock { $0 = true }
        wake.wake()
    }

    private func aside(_ body: () -> RunError?) -> RunError? {
        guard let console else { return body() }
        return console.aside(body)
    }

    private func write(all lines: [UInt8], to target: Target) -> RunError? {
        var done = 0
        let start = written.load(ordering: .sequentiallyConsistent)
        self.lines.withLock { ($0.current, $0.start) = (lines, start) }
        let isWhole = writeLines(lines.span, to: target.descriptor) { count in
            done += count
            written.add(count, ordering: .sequentiallyConsistent)
        }
        let number = errno
        self.lines.withLock { state in
            (state.current, state.start) = ([], written.load(ordering: .sequentiallyConsistent))
            if !isWhole { state.lost.append(Self.unwritten(lines, done)) }
        }
        if let page {
            let whole = lines.count - (isWhole ? 0 : Self.unwritten(lines, done).count)
            page.count(lines.span.extracting(0..<whole))
        }
        if isWhole { return target.sync() }
        if hasReaderLeft(number) { return .readerLeft }
        let isCut = cutTornLine(lines, done, of: target)
        let rest =
            !target.isFile
            ? "" : isCut ? "; all records in the file are complete" : "; its last line may be incomplete"
        return .io("cannot write \(target.name): \(systemError(number))\(rest)")
    }

    /// Removes the incomplete line at the end of a regular file, if there is one.
    ///
    /// - Returns: False if the line cannot be removed, or if the target is not a regular file.
    private func cutTornLine(_ lines: [UInt8], _ written: Int, of target: Target) -> Bool {
        guard target.isFile else { return false }
        let whole = lines.count - Self.unwritten(lines, written).count
        guard written > whole else { return true }
        var status = stat()
        // If another process has appended to the file, nothing can be cut off.
        let end = lseek(target.descriptor, 0, SEEK_CUR)
        guard unsafe fstat(target.descriptor, &status) == 0, end == status.st_size else { return false }
        return ftruncate(target.descriptor, end - off_t(written - whole)) == 0
    }
}
