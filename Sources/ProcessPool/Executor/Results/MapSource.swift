// SPDX-License-Identifier: MIT
// fetchpool

/// The functions by which a map makes a task of an input, and a value of a result.
@usableFromInline
struct MapSource<Input, Output: Sendable>: Sendable {
    let core: PoolCore
    /// Appends the text of a task; if it throws, a part of the text may have been appended.
    let append: @Sendable (Input, inout [UInt8]) throws(ProcessPoolError) -> Void
    let decode: @Sendable (Span<UInt8>) throws -> Output
    /// True if results are returned in the order of the inputs.
    let isOrdered: Bool
    /// The number of inputs to take ahead at first.
    let ahead: PullAhead

    init(
        _ core: PoolCore,
        isOrdered: Bool,
        bufferSize: Int?,
        decode: @escaping @Sendable (Span<UInt8>) throws -> Output,
        append: @escaping @Sendable (Input, inout [UInt8]) throws(ProcessPoolError) -> Void
    ) {
        precondition(bufferSize ?? 1 > 0, "bufferSize must be 1 or more")
        (self.core, self.isOrdered, self.decode, self.append) = (core, isOrdered, decode, append)
        ahead = PullAhead(workers: core.configuration.maxWorkers, bufferSize: bufferSize)
    }

    /// Returns a task that is not submitted.
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

/// The number of inputs that a map takes ahead of its results.
///
/// If the caller named a number, it is this number. Otherwise it grows while results are waited for and the
/// pool has no tasks left to send, so it is large for cheap tasks and small for slow ones.
struct PullAhead: Sendable {
    private(set) var count: Int
    private let limit: Int

    /// The largest number if the caller named none; only the cheapest tasks reach it.
    private static let usualLimit = 16_384

    init(workers: Int, bufferSize: Int?) {
        limit = bufferSize ?? Self.usualLimit
        count = bufferSize ?? min(4 * workers, Self.usualLimit)
    }

    /// The number of free places after which inputs are taken, so that many are taken at once.
    var step: Int { max(1, count / 4) }

    /// The largest number of results that are taken at once.
    ///
    /// It is a small part of `count`, so that the workers have tasks left while a slow consumer uses the
    /// results.
    var mostAtOnce: Int { min(max(1, count / 8), 64) }

    mutating func grow() { count = min(2 * count, limit) }
}
