// SPDX-License-Identifier: MIT
// fetchpool

/// The results of a task for each element of a sequence; see `map`.
///
/// Each iteration runs the tasks anew. Elements are only taken from the input while results are asked for.
public struct PoolMap<Inputs: Sequence, Output: Sendable>: AsyncSequence {
    let inputs: Inputs
    let source: MapSource<Inputs.Element, Output>

    /// Begins to take inputs and to submit tasks.
    public func makeAsyncIterator() -> Iterator { Iterator(run: Run(inputs, source)) }

    /// An iterator over the results.
    ///
    /// When it is released, the tasks whose results were not returned are cancelled.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let run: Run

        /// Returns the next result; `nil` after the last.
        ///
        /// - Throws: The error of a task, after which the iteration is over: the other tasks are cancelled.
        ///   `CancellationError` if this Swift task is cancelled.
        public mutating func next() async throws -> Output? { try await run.next() }
    }

    fileprivate final class Run {
        private var inputs: Inputs.Iterator?
        private let source: MapSource<Inputs.Element, Output>
        private let window: MapWindow
        private var ahead: PullAhead
        private var held = 0

        init(_ inputs: Inputs, _ source: MapSource<Inputs.Element, Output>) {
            (self.inputs, self.source, ahead) = (inputs.makeIterator(), source, source.ahead)
            window = MapWindow(source.core, isOrdered: source.isOrdered)
            fill()
        }

        deinit { window.cancel() }

        func next() async throws -> Output? {
            fill()
            guard held > 0 else { return nil }
            while true {
                if let future = window.takeEnded() {
                    held -= 1
                    do {
                        return try source.value(of: future)
                    } catch {
                        end()
                        throw error
                    }
                }
                if source.core.waitingTasks == 0 {
                    ahead.grow()
                    fill()
                }
                await window.waitForNext()
                if Task.isCancelled {
                    end()
                    throw CancellationError()
                }
            }
        }

        private func end() {
            inputs = nil
            held = 0
            window.cancel()
        }

        private func fill() {
            guard inputs != nil, ahead.count - held >= ahead.step else { return }
            var futures: [RawFuture] = []
            futures.reserveCapacity(ahead.count - held)
            while held < ahead.count {
                guard let input = inputs?.next() else {
                    inputs = nil
                    break
                }
                futures.append(source.task(input))
                held += 1
            }
            window.add(futures)
        }
    }
}

extension PoolMap: Sendable where Inputs: Sendable {}
