// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
import ProcessPool
import Synchronization

/// Writes records on a thread of its own, at once, whatever there is, from a bounded queue.
///
/// The pool thread never waits for it: when the queue is full, no new task is sent. A file only ever grows by whole
/// lines: where a write fails in the middle of one, the torn part is cut off again.
final class OutputThread: RecordOutput, Sendable {
    /// Bytes that may wait; beyond them no new task is sent.
    private static let limit = 4 << 20
    /// Bytes that are written at once where they came in pieces.
    private static let mostAtOnce = 256 << 10

    private let queue = BoundedQueue<[UInt8]>(limit: limit) { $0.count }
    private let target: Target
    private let wake: WakePipe
    private let failed = Mutex<RunError?>(nil)
    private let finished = Mutex(false)
    private let written = Atomic(0)
    /// Whether the run waits until some more is written.
    private let isAwaited = Atomic(false)

    init(_ target: Target, wake: WakePipe) {
        (self.target, self.wake) = (target, wake)
    }

    /// Starts the thread; it ends after `close`, when all is written.
    func start() {
        let thread = Thread { self.writeAll() }
        thread.name = "output"
        thread.start()
    }

    func write(_ lines: [UInt8]) { queue.pushWithoutWaiting(lines) }

    /// Says that nothing more comes.
    func close() { queue.close() }

    var isFull: Bool {
        guard queue.isFull else { return false }
        isAwaited.store(true, ordering: .sequentiallyConsistent)
        // Room may have been made before the thread could know that it is waited for.
        return queue.isFull
    }

    var failure: RunError? { failed.withLock { $0 } }

    var writtenBytes: Int {
        isAwaited.store(true, ordering: .sequentiallyConsistent)
        return written.load(ordering: .sequentiallyConsistent)
    }

    /// Whether all was written, or writing failed.
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
        if isWhole { return nil }
        let number = errno
        if number == EPIPE { return .readerLeft }
        cutTornLine(lines, done, of: target)
        return .io("cannot write \(target.name): \(systemError(number)); what was written is whole")
    }

    private func cutTornLine(_ lines: [UInt8], _ written: Int, of target: Target) {
        guard target.isFile else { return }
        let whole = lines[..<written].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        var status = stat()
        // Where somebody else has written behind us, nothing can be cut off.
        let end = lseek(target.descriptor, 0, SEEK_CUR)
        guard unsafe fstat(target.descriptor, &status) == 0, end == status.st_size else { return }
        ftruncate(target.descriptor, end - off_t(written - whole))
    }
}
