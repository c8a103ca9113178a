// SPDX-License-Identifier: MIT
// fetchpool

/// The results of a task for each element of a sequence; see `map`.
///
/// Each iteration runs the tasks anew. Elements are only taken from the input while results are asked for.
public struct PoolMap<Inputs: Sequence, Output: Sendable>: AsyncSequence {
    private let inputs: Inputs
    private let source: MapSource<Inputs.Element, Output>
    private let take: (inout Inputs.Iterator, Int) -> [Inputs.Element]

    /// Creates a map.
    ///
    /// The elements are taken by code that is compiled where the type of the sequence is known, because taking
    /// them one by one costs more here.
    @inlinable init(_ inputs: Inputs, _ source: MapSource<Inputs.Element, Output>) {
        self.init(inputs, source) { iterator, most in
            var batch: [Inputs.Element] = []
            batch.reserveCapacity(most)
            while batch.count < most, let next = iterator.next() { batch.append(next) }
            return batch
        }
    }

    /// Creates a map; `take` returns the next elements of an iterator, and fewer than asked for at its end.
    @usableFromInline
    init(
        _ inputs: Inputs,
        _ source: MapSource<Inputs.Element, Output>,
        take: @escaping (inout Inputs.Iterator, Int) -> [Inputs.Element]
    ) {
        (self.inputs, self.source, self.take) = (inputs, source, take)
    }

    /// Begins to take inputs and to submit tasks.
    public func makeAsyncIterator() -> Iterator { Iterator(run: Run(inputs, source, take)) }

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
        /// The most outcomes that are taken at once.
        private static var mostAtOnce: Int { 1_024 }

        private var inputs: Inputs.Iterator
        private let take: (inout Inputs.Iterator, Int) -> [Inputs.Element]
        private var isOver = false
        private let source: MapSource<Inputs.Element, Output>
        private let window: MapWindow
        private var ahead: PullAhead
        private var held = 0
        /// Outcomes that were taken and not returned.
        private var outcomes: [RawFuture.Outcome] = []
        private var next = 0

        init(
            _ inputs: Inputs,
            _ source: MapSource<Inputs.Element, Output>,
            _ take: @escaping (inout Inputs.Iterator, Int) -> [Inputs.Element]
        ) {
            (self.inputs, self.source, ahead) = (inputs.makeIterator(), source, source.ahead)
            self.take = take
            window = MapWindow(source.core, isOrdered: source.isOrdered)
            fill()
        }

        deinit { window.cancel() }

        func next() async throws -> Output? {
            fill()
            guard held > 0 else { return nil }
            while true {
                if next < outcomes.count {
                    held -= 1
                    next += 1
                    do {
                        return try outcomes[next - 1].value(source.decode)
                    } catch {
                        end()
                        throw error
                    }
                }
                (outcomes, next) = (window.takeEnded(most: Self.mostAtOnce), 0)
                guard outcomes.isEmpty else { continue }
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
            isOver = true
            (outcomes, next, held) = ([], 0, 0)
            window.cancel()
        }

        private func fill() {
            guard !isOver, ahead.count - held >= ahead.step else { return }
            let most = ahead.count - held
            let batch = take(&inputs, most)
            isOver = batch.count < most
            held += batch.count
            window.add(batch.map(source.task))
        }
    }
}

// Unchecked because of `take`, which captures nothing.
extension PoolMap: @unchecked Sendable where Inputs: Sendable {}
