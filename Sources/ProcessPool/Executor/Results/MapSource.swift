// SPDX-License-Identifier: MIT
// fetchpool

/// The functions with which a map makes tasks from inputs, and values from results.
///
/// A source refers to its executor, because the pool ends when the last reference to its executor is gone.
@usableFromInline
struct MapSource<Input, Output: Sendable>: Sendable {
    private let executor: ProcessPoolExecutor
    let tasks: MapTasks<Input>
    let decode: @Sendable (Span<UInt8>) throws -> Output
    /// True if results are returned in the order of the inputs.
    let isOrdered: Bool
    /// The number of inputs that an iteration takes ahead of the results at first; the number can grow.
    let ahead: PullAhead

    var core: PoolCore { tasks.core }

    init(
        _ executor: ProcessPoolExecutor,
        isOrdered: Bool,
        bufferSize: Int?,
        decode: @escaping @Sendable (Span<UInt8>) throws -> Output,
        append: @escaping @Sendable (Input, inout [UInt8]) throws(ProcessPoolError) -> Void
    ) {
        precondition(bufferSize ?? 1 > 0, "bufferSize must be 1 or more")
        (self.executor, self.isOrdered, self.decode) = (executor, isOrdered, decode)
        tasks = MapTasks(core: executor.core, append: append)
        ahead = PullAhead(workers: executor.configuration.maxWorkers, bufferSize: bufferSize)
    }
}

/// The function with which a map makes tasks from inputs.
///
/// Unlike `MapSource`, this value does not refer to the executor.
struct MapTasks<Input>: Sendable {
    let core: PoolCore
    /// Appends the text of a task; if the function throws, a part of the text may have been appended.
    let append: @Sendable (Input, inout [UInt8]) throws(ProcessPoolError) -> Void

    /// Returns a future whose task is not submitted yet; the future has failed if the input cannot be sent.
    func future(_ input: Input) -> RawFuture {
        do throws(ProcessPoolError) {
            var task: [UInt8] = []
            try append(input, &task)
            return RawFuture(core, task)
        } catch {
            return RawFuture(core, failed: error)
        }
    }
}
