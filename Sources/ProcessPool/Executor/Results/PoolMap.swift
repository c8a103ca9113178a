// SPDX-License-Identifier: MIT
// fetchpool

/// The results of a task for each element of a sequence; see `map`.
///
/// Each iteration runs the tasks anew. Elements are taken from the input only when an iteration begins, and
/// when a result is asked for.
public struct PoolMap<Inputs: Sequence, Output: Sendable>: AsyncSequence {
    private let inputs: Inputs
    private let source: MapSource<Inputs.Element, Output>
    private let take: (inout Inputs.Iterator, Int) -> [Inputs.Element]

    /// Creates a map.
    ///
    /// This initializer is inlinable, so the loop over the elements is compiled where the type of the
    /// sequence is known. In generic code, each element would cost more.
    @inlinable init(_ inputs: Inputs, _ source: MapSource<Inputs.Element, Output>) {
        self.init(inputs, source) { iterator, most in
            var batch: [Inputs.Element] = []
            // `most` may be far larger than the number of elements.
            batch.reserveCapacity(Swift.min(most, 4_096))
            while batch.count < most, let next = iterator.next() { batch.append(next) }
            return batch
        }
    }

    /// Creates a map; `take` returns fewer elements than asked for only at the end of the iterator.
    @usableFromInline
    init(
        _ inputs: Inputs,
        _ source: MapSource<Inputs.Element, Output>,
        take: @escaping (inout Inputs.Iterator, Int) -> [Inputs.Element]
    ) {
        (self.inputs, self.source, self.take) = (inputs, source, take)
    }

    /// Returns an iterator, and begins to take inputs and to submit tasks.
    public func makeAsyncIterator() -> Iterator { Iterator(run: Run(inputs, source, take)) }

    /// An iterator over the results.
    ///
    /// When the iterator is released, the tasks whose results were not returned are cancelled.
    public struct Iterator: AsyncIteratorProtocol {
        @usableFromInline let run: Run
        /// The values that the last call of `Run.nextValues()` has returned.
        @usableFromInline var values: [Output] = []
        /// The index in `values` of the value that is returned next.
        @usableFromInline var nextIndex = 0

        init(run: Run) { self.run = run }

        /// Returns the next result; `nil` after the last result or after an error.
        ///
        /// After a cancellation of the Swift task that calls this method, no more inputs are taken.
        ///
        /// - Throws: The error of a task; `CancellationError` if the calling Swift task is cancelled and the
        ///   next result is not ready. After an error, the iteration is over, and the remaining tasks are
        ///   cancelled.
        public mutating func next() async throws -> Output? { try await next(isolation: #isolation) }

        /// Returns the next result as `next()` does, on the caller's actor.
        ///
        /// A change of the actor for each result would cost more than a cheap task.
        @inlinable public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(any Error) -> Output? {
            if nextIndex == values.count {
                (values, nextIndex) = ([], 0)
                values = try await run.nextValues()
                if values.isEmpty { return nil }
            }
            nextIndex += 1
            return values[nextIndex - 1]
        }
    }

    /// One iteration; only one Swift task at a time may use it.
    @usableFromInline final class Run {
        private var inputs: Inputs.Iterator
        private let take: (inout Inputs.Iterator, Int) -> [Inputs.Element]
        private var isOver = false
        private let source: MapSource<Inputs.Element, Output>
        private let stream: MapStream
        private var order: MapOrder
        private var ahead: PullAhead
        /// The number of tasks that were made, and the number of these tasks whose results were not returned.
        private var (made, held) = (0, 0)
        /// The error that ends the iteration, once the values before it were returned.
        private var failure: (any Error)?
        /// The errors of the inputs that could not be submitted, until `takeArrivals` takes them.
        private var refused = MapResults()

        init(
            _ inputs: Inputs,
            _ source: MapSource<Inputs.Element, Output>,
            _ take: @escaping (inout Inputs.Iterator, Int) -> [Inputs.Element]
        ) {
            (self.inputs, self.source, ahead) = (inputs.makeIterator(), source, source.ahead)
            self.take = take
            stream = MapStream(source.core)
            order = MapOrder(isOrdered: source.isOrdered)
            fill()
        }

        deinit { if held > 0 { stream.cancel() } }

        /// Returns the next values; an empty array after the last value or after an error.
        @usableFromInline func nextValues() async throws -> [Output] {
            fill()
            guard held > 0 else {
                if Task.isCancelled, !isOver {
                    end()
                    throw CancellationError()
                }
                return []
            }
            while true {
                let values = try takeValues()
                if !values.isEmpty { return values }
                let arrivals = takeArrivals()
                if !arrivals.isEmpty {
                    order.add(arrivals)
                    continue
                }
                if source.core.waitingTasks == 0 {
                    ahead.grow()
                    fill()
                }
                await stream.changed.wait()
                if Task.isCancelled {
                    end()
                    throw CancellationError()
                }
            }
        }

        /// Returns the next values that have come, up to `PullAhead.mostAtOnce`; an empty array if none have
        /// come.
        ///
        /// - Throws: The error of a task, once all values before it were returned.
        private func takeValues() throws -> [Output] {
            let most = failure == nil ? ahead.mostAtOnce : 0
            let decode = source.decode
            var values: [Output] = []
            do {
                try order.take(into: &values, upTo: most, decode)
            } catch {
                // The values before the error are returned first. Until then, `held` counts the failed task.
                failure = error
            }
            held -= values.count
            guard values.isEmpty, let failure else { return values }
            end()
            throw failure
        }

        private func takeArrivals() -> [MapArrival] {
            let arrivals = stream.takeArrivals()
            guard refused.count > 0 else { return arrivals }
            defer { refused = MapResults() }
            return arrivals + [MapArrival(refused)]
        }

        private func end() {
            (isOver, failure) = (true, nil)
            held = 0
            order = MapOrder(isOrdered: source.isOrdered)
            stream.cancel()
        }

        private func fill() {
            guard !isOver, failure == nil, !Task.isCancelled, ahead.count - held >= ahead.step else { return }
            let most = ahead.count - held
            let batch = take(&inputs, most)
            isOver = batch.count < most
            held += batch.count
            submit(batch)
            if refused.count > 0 { stream.changed.fire() }
        }

        /// Submits tasks for inputs in batches; an input for which no task can be made ends a batch.
        private func submit(_ inputs: [Inputs.Element]) {
            var (bytes, ends): ([UInt8], [Int]) = ([], [])
            ends.reserveCapacity(inputs.count)
            let append = source.tasks.append
            for input in inputs {
                let start = bytes.count
                do throws(ProcessPoolError) {
                    try append(input, &bytes)
                    ends.append(bytes.count)
                } catch {
                    bytes.removeLast(bytes.count - start)
                    submit(bytes, ends)
                    (bytes, ends) = ([], [])
                    refused.add(made, error)
                    made += 1
                }
            }
            submit(bytes, ends)
        }

        private func submit(_ bytes: [UInt8], _ ends: [Int]) {
            guard !ends.isEmpty else { return }
            let batch = MapBatch(stream, first: made, bytes: bytes, ends: ends)
            made += batch.count
            guard !source.core.add(batch) else { return }
            for number in batch.first..<made { refused.add(number, ProcessPoolError.poolClosed) }
        }
    }
}

// Unchecked, because the type of `take` is not `@Sendable`. No lock is needed: `take` captures nothing.
extension PoolMap: @unchecked Sendable where Inputs: Sendable {}
