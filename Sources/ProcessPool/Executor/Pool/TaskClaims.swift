// SPDX-License-Identifier: MIT
// fetchpool

/// An entry of the queue for the pool thread: a future, or tasks of a map.
///
/// Use an entry only with the lock of its `PoolCore` held.
enum QueuedTask: Sendable {
    case future(RawFuture)
    /// The tasks of a batch from `MapBatch.next` on.
    case batch(MapBatch)

    /// The number of tasks that are neither cancelled nor taken by the pool thread.
    var pendingTasks: Int {
        switch self {
        case .future(let future): future.state == .pending ? 1 : 0
        case .batch(let batch): batch.stream.isCancelled ? 0 : batch.count - batch.next
        }
    }
}

/// The tasks that the pool thread has taken from the queue, and has not given to the pool.
///
/// Many tasks are taken together, because locking for each task would cost more than a cheap task.
struct TaskClaims {
    /// Tasks that were taken together: a future, or a range of a batch.
    enum Claim {
        case future(RawFuture)
        case batch(MapBatch, Range<Int>)
    }

    private var claims: [Claim] = []
    private var next = 0
    /// The index of the next task in the range of `claims[next]`; 0 if this claim is a future.
    private var index = 0

    mutating func add(_ claim: Claim) {
        claims.append(claim)
    }

    /// Moves the next task to `tasks`; returns its token there, or `nil` if no task is left.
    mutating func give(to tasks: inout PoolTasks) -> Int? {
        guard next < claims.count else { return nil }
        switch claims[next] {
        case .future(let future):
            advance()
            return tasks.add(future)
        case .batch(let batch, let range):
            let token = tasks.add(batch, range.lowerBound + index)
            index += 1
            if index == range.count { advance() }
            return token
        }
    }

    /// Ends all claimed tasks with an error.
    mutating func fail(_ error: any Error, in tasks: inout PoolTasks) {
        while next < claims.count {
            switch claims[next] {
            case .future(let future): tasks.end(future, .failure(error))
            case .batch(let batch, let range): tasks.end(batch, range.dropFirst(index), error)
            }
            advance()
        }
    }

    private mutating func advance() {
        (next, index) = (next + 1, 0)
        if next == claims.count {
            claims.removeAll(keepingCapacity: claims.count <= 1_024)
            next = 0
        }
    }
}
