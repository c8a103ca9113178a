// SPDX-License-Identifier: MIT
// fetchpool

/// The tasks of an executor that its pool has, and those that have ended in this turn; on the pool thread.
///
/// It is a struct with functions, because each access of a class's property costs time.
struct GivenTasks {
    /// A task that has ended, and is still to be told.
    struct Ended {
        let future: RawFuture
        let outcome: RawFuture.Outcome
        let state: FutureState
    }

    /// The number of bits of a token that are the task's place; the others make the token unique.
    private static let placeBits = 24

    private var places: [RawFuture?] = []
    private var freePlaces: [Int] = []
    private var count = 0
    private(set) var ended: [Ended] = []

    /// Adds a task; returns the token by which the pool knows it.
    mutating func add(_ future: RawFuture) -> Int {
        count += 1
        if let place = freePlaces.popLast() {
            future.token = count << Self.placeBits | place
            places[place] = future
        } else {
            future.token = count << Self.placeBits | places.count
            places.append(future)
        }
        return future.token
    }

    /// Returns the task with a token; `nil` if the pool does not have it.
    func task(_ token: Int) -> RawFuture? {
        let place = token & (1 << Self.placeBits - 1)
        guard place < places.count, let future = places[place], future.token == token else { return nil }
        return future
    }

    /// Removes and returns the task with a token; `nil` if the pool does not have it.
    mutating func take(_ token: Int) -> RawFuture? {
        let place = token & (1 << Self.placeBits - 1)
        guard place < places.count, let future = places[place], future.token == token else { return nil }
        future.token = -1
        places[place] = nil
        freePlaces.append(place)
        return future
    }

    /// Notes the end of a task.
    mutating func end(_ future: RawFuture, _ outcome: RawFuture.Outcome, as state: FutureState = .finished) {
        ended.append(Ended(future: future, outcome: outcome, state: state))
    }

    /// Forgets the tasks that have ended, after they were told.
    mutating func forgetEnded() {
        ended.removeAll(keepingCapacity: ended.count <= 4_096)
    }
}
