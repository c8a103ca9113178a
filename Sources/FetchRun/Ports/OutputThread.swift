// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
import ProcessPool
import Synchronization

/// A thread that writes the records in a queue.
///
/// The pool thread waits for this thread only at the end of the run, in `finish`. While the queue is full,
/// the run sends no new task. After a failed write, the thread cuts off the incomplete line of a regular
/// file, unless another process has appended to the file.
final class OutputThread: RecordOutput, Sendable {
    /// The number of bytes in the queue at which the run stops sending tasks.
    private static let limit = 4 << 20
    /// The largest number of bytes that are joined into one write; a larger piece is written alone.
    private static let mostAtOnce = 256 << 10

    private let queue = BoundedQueue<[UInt8]>(limit: limit) { $0.count }
    private let target: Target
    private let wake: WakePipe
    private let failed = Mutex<RunError?>(nil)
    private let finished = Mutex(false)
    private let written = Atomic(0)
    /// True while the run waits for more bytes to be written.
    private let isAwaited = Atomic(false)

    init(_ target: Target, wake: WakePipe) {
        (self.target, self.wake) = (target, wake)
    }

    /// Starts the thread; it ends after `close`, when the queue is empty.
    ///
    /// After a failed write, the thread removes the other lines from the queue without writing them.
    func start() {
        let thread = Thread { self.writeAll() }
        thread.name = "output"
        thread.start()
    }

    func write(_ lines: [UInt8]) { queue.pushWithoutWaiting(lines) }

    /// Closes the queue after the last record.
    func close() { queue.close() }

    var isFull: Bool {
        guard queue.isFull else { return false }
        isAwaited.store(true, ordering: .sequentiallyConsistent)
        // The check is repeated: if the thread emptied the queue before the store, it wakes nobody.
        return queue.isFull
    }

    var failure: RunError? { failed.withLock { $0 } }

    var writtenBytes: Int {
        isAwaited.store(true, ordering: .sequentiallyConsistent)
        return written.load(ordering: .sequentiallyConsistent)
    }

    /// True once the thread has ended: the queue is closed and empty.
    var isFinished: Bool { finished.withLock { $0 } }

    func finish(orUntil givesUp: () -> Bool) -> Bool {
        close()
        while !isFinished {
            if givesUp() { return false }
            wake.wait(milliseconds: 100)
        }
        return true
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
            if failure == nil, let failure = write(all: lines, to: target) {
                failed.withLock { $0 = failure }
                wake.wake()
            }
            if isAwaited.exchange(false, ordering: .sequentiallyConsistent) { wake.wake() }
        }
        finished.withLock { $0 = true }
        wake.wake()
    }

    private func write(all lines: [UInt8], to target: Target) -> RunError? {
        var done = 0
        let isWhole = Platform.writeAll(
            lines.span,
            to: target.descriptor,
            wrote: { count in
                done += count
                written.add(count, ordering: .sequentiallyConsistent)
            }
        )
        if isWhole { return target.sync() }
        let number = errno
        if number == EPIPE { return .readerLeft }
        cutTornLine(lines, done, of: target)
        return .io("cannot write \(target.name): \(systemError(number)); what was written is whole")
    }

    private func cutTornLine(_ lines: [UInt8], _ written: Int, of target: Target) {
        guard target.isFile else { return }
        let whole = lines[..<written].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        var status = stat()
        // If another process has appended to the file in the meantime, nothing can be cut off.
        let end = lseek(target.descriptor, 0, SEEK_CUR)
        guard unsafe fstat(target.descriptor, &status) == 0, end == status.st_size else { return }
        ftruncate(target.descriptor, end - off_t(written - whole))
    }
}
