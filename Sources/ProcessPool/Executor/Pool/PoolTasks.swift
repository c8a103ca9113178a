// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The tasks that an executor's pool has, and the tasks that have ended in this turn of the pool thread's
/// loop.
///
/// Only the pool thread uses this value. `PoolTasks` is a struct, because each access of a class's property
/// costs time.
struct PoolTasks {
    /// A future whose task has ended, and whose waiters are not yet resumed.
    struct Ended {
        let future: RawFuture
        let outcome: RawFuture.Outcome
        let state: FutureState
    }

    /// An element of `places`: a task, or a free place.
    ///
    /// The task belongs to `future`, or to a map (`batch`).
    private struct Place {
        /// The token of the task; −1 if the place is free.
        var token = -1
        /// The id of the process that has or had the task; 0 while no process has had it.
        var pid = 0
        var future: RawFuture?
        var batch: MapBatch?
        /// The index of the task in `batch`, from 0.
        var index = 0
        /// True if the task was cancelled.
        var isUnwanted = false
    }

    /// The number of low bits of a token that hold the task's index in `places`.
    ///
    /// The other bits make the token unique.
    private static let placeBits = 24

    private var places: [Place] = []
    private var freePlaces: [Int] = []
    private var count = 0
    private(set) var ended: [Ended] = []
    /// The maps with tasks that have ended in this turn.
    private(set) var streams: [MapStream] = []

    /// Adds the task of a future; returns the token by which the pool knows the task.
    mutating func add(_ future: RawFuture) -> Int {
        future.token = add(Place(future: future))
        return future.token
    }

    /// Adds the task at an index of a batch; returns the token by which the pool knows the task.
    mutating func add(_ batch: MapBatch, _ index: Int) -> Int { add(Place(batch: batch, index: index)) }

    private mutating func add(_ task: Place) -> Int {
        count += 1
        let place = freePlaces.popLast() ?? places.count
        if place == places.count { places.append(task) } else { places[place] = task }
        places[place].token = count << Self.placeBits | place
        return count << Self.placeBits | place
    }

    private func place(of token: Int) -> Int? {
        let place = token & (1 << Self.placeBits - 1)
        return place < places.count && places[place].token == token ? place : nil
    }

    /// Writes the line that sends a task to the process `pid`.
    mutating func write(_ token: Int, seq: Int, attempt: Int, to pid: Int, into writer: inout JSONWriter) {
        guard let place = place(of: token) else { return }
        places[place].pid = pid
        if let batch = places[place].batch {
            let bytes = batch.bytes
            let task = bytes.span.extracting(batch.range(places[place].index))
            writer.writeTask(seq: seq, attempt: attempt, task: task, response: nil)
        } else if let future = places[place].future {
            let task = future.payload
            writer.writeTask(seq: seq, attempt: attempt, task: task.span, response: nil)
        }
    }

    /// Returns the text of a task; empty if the pool does not have the task.
    func payload(of token: Int) -> ArraySlice<UInt8> {
        guard let place = place(of: token) else { return [] }
        if let batch = places[place].batch { return batch.bytes[batch.range(places[place].index)] }
        return places[place].future?.payload[...] ?? []
    }

    /// Returns the id of the process that has or had a task.
    ///
    /// The result is 0 if no process has had the task, or if the pool does not have the task.
    func process(of token: Int) -> Int { place(of: token).map { places[$0].pid } ?? 0 }

    /// Notes that tasks are cancelled.
    mutating func noteUnwanted(_ tokens: Set<Int>) {
        for token in tokens {
            if let place = place(of: token) { places[place].isUnwanted = true }
        }
    }

    /// Returns `true` if the pool has a task, and the task was cancelled.
    func isUnwanted(_ token: Int) -> Bool { place(of: token).map { places[$0].isUnwanted } ?? false }

    /// Returns the tokens of the tasks that the pool has and that belong to one of the maps.
    func tokens(of streams: [MapStream]) -> [Int] {
        let wanted = Set(streams.map { ObjectIdentifier($0) })
        return places.lazy.filter { place in
            place.token >= 0 && place.batch.map { wanted.contains(ObjectIdentifier($0.stream)) } ?? false
        }.map(\.token)
    }

    // MARK: Ends

    /// Ends a task with its result.
    mutating func end(_ token: Int, with result: Span<UInt8>) {
        guard let place = place(of: token) else { return }
        // The batch is taken out and not copied, because a copy would change a reference count.
        if let batch = places[place].batch.take() {
            let index = places[place].index
            free(place)
            if batch.stream.note(batch.first + index, result) { streams.append(batch.stream) }
        } else if let future = places[place].future {
            free(place)
            end(future, .success(result.array(0..<result.count)))
        }
    }

    /// Ends a task without a result.
    mutating func end(_ token: Int, _ error: any Error, as state: FutureState = .finished) {
        guard let place = place(of: token) else { return }
        if let batch = places[place].batch {
            let index = places[place].index
            free(place)
            end(batch, index..<index + 1, error)
        } else if let future = places[place].future {
            free(place)
            end(future, .failure(error), as: state)
        }
    }

    /// Ends the future of a task that the pool still has.
    ///
    /// The later end of the task in the pool has no effect on the future. For a task of a map, this function
    /// does nothing.
    mutating func endEarly(_ token: Int, _ error: any Error, as state: FutureState) {
        guard let place = place(of: token), let future = places[place].future else { return }
        // The pool may still ask for the text of the task, but the end of a future removes this text.
        let rest = RawFuture(future.core, future.payload)
        (rest.token, future.token) = (token, -1)
        places[place].future = rest
        end(future, .failure(error), as: state)
    }

    /// Ends tasks of a map; the tasks are not in `places`.
    mutating func end(_ batch: MapBatch, _ indices: Range<Int>, _ error: any Error) {
        for index in indices where batch.stream.note(batch.first + index, error) {
            streams.append(batch.stream)
        }
    }

    /// Notes the end of a future that is not in `places`; `PoolCore.publish` then ends the future.
    mutating func end(_ future: RawFuture, _ outcome: RawFuture.Outcome, as state: FutureState = .finished) {
        ended.append(Ended(future: future, outcome: outcome, state: state))
    }

    private mutating func free(_ place: Int) {
        places[place].future?.token = -1
        places[place] = Place()
        freePlaces.append(place)
    }

    /// Forgets the tasks that have ended in this turn.
    mutating func forgetEnded() {
        ended.removeAll(keepingCapacity: ended.count <= 4_096)
        streams.removeAll()
    }
}
