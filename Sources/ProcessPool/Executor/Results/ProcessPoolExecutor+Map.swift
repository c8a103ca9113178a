// SPDX-License-Identifier: MIT
// fetchpool

extension ProcessPoolExecutor {
    /// Calls a function in the workers for each element of a sequence.
    ///
    /// The sequence may be endless: elements are taken as results are asked for, at most `bufferSize` ahead.
    /// The error of a task is thrown in place of its result, and ends the iteration. When the iteration ends,
    /// or its iterator is released, the tasks whose results were not returned are cancelled.
    ///
    /// If the sequence itself waits for its elements, as with a pipe or a socket, results can be late: a
    /// result that has come may be returned only after further elements have come. For such a sequence, set
    /// `bufferSize` to 1, or use an asynchronous sequence in its place.
    ///
    /// - Parameters:
    ///   - function: The function to call.
    ///   - inputs: The elements, one for each call.
    ///   - bufferSize: The maximum number of elements that are taken ahead of the returned results; at least
    ///     1. By default, this number depends on the speed of the tasks: from 4 times `maxWorkers` to 16,384.
    /// - Returns: The results, in the order of the elements.
    @inlinable public func map<Input, Output, Inputs: Sequence<Input>>(
        _ function: WorkerFunction<Input, Output>,
        _ inputs: Inputs,
        bufferSize: Int? = nil
    ) -> PoolMap<Inputs, Output> {
        PoolMap(inputs, source(function, isOrdered: true, bufferSize))
    }

    /// Calls a function in the workers for each element of an asynchronous sequence.
    ///
    /// An error of the sequence is thrown after the results of all earlier elements. All else is as in
    /// `map` for a sequence, but a separate Swift task takes the elements.
    public func map<Input, Output, Inputs: AsyncSequence & Sendable>(
        _ function: WorkerFunction<Input, Output>,
        _ inputs: Inputs,
        bufferSize: Int? = nil
    ) -> AsyncPoolMap<Inputs, Output> where Inputs.Element == Input {
        AsyncPoolMap(inputs: inputs, source: source(function, isOrdered: true, bufferSize))
    }

    /// Calls a function in the workers for each element of a sequence, as `map` does, but returns the results
    /// in the order in which they come.
    @inlinable public func mapUnordered<Input, Output, Inputs: Sequence<Input>>(
        _ function: WorkerFunction<Input, Output>,
        _ inputs: Inputs,
        bufferSize: Int? = nil
    ) -> PoolMap<Inputs, Output> {
        PoolMap(inputs, source(function, isOrdered: false, bufferSize))
    }

    /// Calls a function in the workers for each element of an asynchronous sequence, as `map` does, but
    /// returns the results in the order in which they come.
    public func mapUnordered<Input, Output, Inputs: AsyncSequence & Sendable>(
        _ function: WorkerFunction<Input, Output>,
        _ inputs: Inputs,
        bufferSize: Int? = nil
    ) -> AsyncPoolMap<Inputs, Output> where Inputs.Element == Input {
        AsyncPoolMap(inputs: inputs, source: source(function, isOrdered: false, bufferSize))
    }

    /// Gives each element of a sequence to the program of the workers; returns the results in the order of
    /// the elements.
    ///
    /// Elements become tasks as in ``submit(_:returning:)``. For `bufferSize`, errors and the end of the
    /// iteration, see `map` with a function.
    @inlinable public func map<Inputs: Sequence, Output: Decodable & Sendable>(
        _ inputs: Inputs,
        returning type: Output.Type = Output.self,
        bufferSize: Int? = nil
    ) -> PoolMap<Inputs, Output> where Inputs.Element: Encodable & Sendable {
        PoolMap(inputs, source(isOrdered: true, bufferSize))
    }

    /// Gives each element of an asynchronous sequence to the program of the workers; returns the results in
    /// the order of the elements.
    public func map<Inputs: AsyncSequence & Sendable, Output: Decodable & Sendable>(
        _ inputs: Inputs,
        returning type: Output.Type = Output.self,
        bufferSize: Int? = nil
    ) -> AsyncPoolMap<Inputs, Output> where Inputs.Element: Encodable & Sendable {
        AsyncPoolMap(inputs: inputs, source: source(isOrdered: true, bufferSize))
    }

    /// Gives each element of a sequence to the program of the workers; returns the results in the order in
    /// which they come.
    @inlinable public func mapUnordered<Inputs: Sequence, Output: Decodable & Sendable>(
        _ inputs: Inputs,
        returning type: Output.Type = Output.self,
        bufferSize: Int? = nil
    ) -> PoolMap<Inputs, Output> where Inputs.Element: Encodable & Sendable {
        PoolMap(inputs, source(isOrdered: false, bufferSize))
    }

    /// Gives each element of an asynchronous sequence to the program of the workers; returns the results in
    /// the order in which they come.
    public func mapUnordered<Inputs: AsyncSequence & Sendable, Output: Decodable & Sendable>(
        _ inputs: Inputs,
        returning type: Output.Type = Output.self,
        bufferSize: Int? = nil
    ) -> AsyncPoolMap<Inputs, Output> where Inputs.Element: Encodable & Sendable {
        AsyncPoolMap(inputs: inputs, source: source(isOrdered: false, bufferSize))
    }

    @usableFromInline
    func source<Input, Output>(
        _ function: WorkerFunction<Input, Output>,
        isOrdered: Bool,
        _ bufferSize: Int?
    ) -> MapSource<Input, Output> {
        var append = function.appendTask
        do throws(ProcessPoolError) {
            try core.workers.checkFunctions()
        } catch {
            append = { _, _ throws(ProcessPoolError) in throw error }
        }
        return MapSource(
            self,
            isOrdered: isOrdered,
            bufferSize: bufferSize,
            decode: function.decodeOutput,
            append: append
        )
    }

    @usableFromInline
    func source<Input: Encodable & Sendable, Output: Decodable & Sendable>(
        isOrdered: Bool,
        _ bufferSize: Int?
    ) -> MapSource<Input, Output> {
        let coder = ProgramCoder<Input, Output>()
        return MapSource(self, isOrdered: isOrdered, bufferSize: bufferSize, decode: coder.decode) {
            [core] input, tasks throws(ProcessPoolError) in
            tasks += try ProgramTask.checked(core) { try coder.task(for: input) }
        }
    }
}
