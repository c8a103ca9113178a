// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// The results of a task for each element of an asynchronous sequence; see `map`.
///
/// Each iteration runs the tasks anew. A separate Swift task takes the elements from the input.
public struct AsyncPoolMap<Inputs: AsyncSequence & Sendable, Output: Sendable>: AsyncSequence, Sendable
where Inputs.Element: Sendable {
    let inputs: Inputs
    let source: MapSource<Inputs.Element, Output>

    /// Returns an iterator, and begins to take inputs and to submit tasks.
    public func makeAsyncIterator() -> Iterator { Iterator(run: Run(inputs, source)) }

    /// An iterator over the results.
    ///
    /// When the iterator is released, the tasks whose results were not returned are cancelled, and no more
    /// inputs are taken.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let run: Run

        /// Returns the next result; `nil` after the last result or after an error.
        ///
        /// After a cancellation of the Swift task that calls this method, no more inputs are taken.
        ///
        /// - Throws: The error of a task; the error of the input, after the results of all earlier
        ///   elements; `CancellationError` if the calling Swift task is cancelled and the next result is not
        ///   ready. After an error, the iteration is over, and the remaining tasks are cancelled.
        public mutating func next() async throws -> Output? { try await run.next() }
    }

    fileprivate final class Run {
        private let source: MapSource<Inputs.Element, Output>
        private let feed: MapFeed
        private let feeder: Task<Void, Never>
        /// True once an error was thrown; the iteration is then over.
        private var isOver = false

        init(_ inputs: Inputs, _ source: MapSource<Inputs.Element, Output>) {
            self.source = source
            let feed = MapFeed(source.core, isOrdered: source.isOrdered, source.ahead)
            self.feed = feed
            // The feeder may wait for an input long after the iteration is over. So the feeder must not refer
            // to the executor: the pool ends when the last reference to its executor is gone.
            let tasks = source.tasks
            feeder = Task.detached {
                do {
                    var iterator = inputs.makeAsyncIterator()
                    while await feed.hasRoom(), let input = try await iterator.next() {
                        feed.window.add([tasks.future(input)])
                        feed.window.changed.fire()
                    }
                    feed.end(nil)
                } catch {
                    feed.end(error)
                }
            }
        }

        deinit { end() }

        func next() async throws -> Output? {
            guard !isOver else { return nil }
            do {
                while true {
                    if Task.isCancelled { takeNoMoreInputs(CancellationError()) }
                    if let outcome = feed.window.takeEnded(most: 1).first {
                        feed.room.fire()
                        return try outcome.value(source.decode)
                    }
                    // After the end of the input, no task is added. So `ending` must be read before `count`.
                    if let end = feed.ending, feed.window.count == 0 {
                        if let error = end.error { throw error }
                        return nil
                    }
                    if source.core.waitingTasks == 0 { feed.grow() }
                    await feed.window.changed.wait()
                    try Task.checkCancellation()
                }
            } catch {
                isOver = true
                end()
                throw error
            }
        }

        private func end() {
            takeNoMoreInputs(nil)
            feed.window.cancel()
        }

        /// Stops the feeder, and notes the end of the input with `error`, unless the input has already ended.
        private func takeNoMoreInputs(_ error: CancellationError?) {
            feeder.cancel()
            feed.end(error)
            feed.room.fire()
        }
    }
}

/// The state that two Swift tasks of a map share: one takes the inputs, and the other takes the results.
///
/// `@unchecked Sendable`: `lock` guards all mutable properties.
final class MapFeed: @unchecked Sendable {
    let window: MapWindow
    /// Fired when more inputs may be taken, or no more are wanted.
    let room = Signal()
    private let lock = NSLock()
    private var ahead: PullAhead
    private var end: (error: (any Error)?, Void)?

    init(_ core: PoolCore, isOrdered: Bool, _ ahead: PullAhead) {
        self.ahead = ahead
        window = MapWindow(core, isOrdered: isOrdered)
    }

    /// The end of the input, with its error if there is one; `nil` while more inputs may come.
    var ending: (error: (any Error)?, Void)? { locked { end } }

    /// Waits until the next input may be taken; returns `false` if no more inputs are wanted.
    func hasRoom() async -> Bool {
        while true {
            let (limit, isOver) = locked { (ahead.count, end != nil) }
            if isOver || Task.isCancelled { return false }
            if window.count < limit { return true }
            await room.wait()
        }
    }

    /// Raises the number of inputs that may be taken ahead, if this number has been reached.
    func grow() {
        locked { if window.count >= ahead.count { ahead.grow() } }
        room.fire()
    }

    /// Notes the end of the input, unless an earlier call has noted it; wakes the Swift task that waits for
    /// results.
    func end(_ error: (any Error)?) {
        locked { if end == nil { end = (error, ()) } }
        window.changed.fire()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }
}
