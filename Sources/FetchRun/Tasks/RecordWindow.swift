// SPDX-License-Identifier: MIT
// fetchpool

/// The records of a run that keeps the order of the input: a record waits until the records of all earlier
/// tasks have left `RecordSink`.
///
/// A task has a position, from 0, in the order of the input. The window begins at the first task without a
/// record. No task after the window may begin, so a slow task delays the run instead of filling the memory.
struct RecordWindow: Sendable {
    /// The largest number of tasks in the window.
    static let mostTasks = 65_536
    /// The limit of `waitingBytes`, in bytes.
    ///
    /// While `waitingBytes` is not below this limit, only the first task of the window may begin.
    static let mostBytes = 64 << 20
    /// The memory that a waiting record takes in addition to its text, in bytes.
    private static let bytesBeside = 64
    /// The largest size of the records that `take` returns, in bytes; a longer record is returned alone.
    private static let mostAtOnce = 256 << 10

    /// The records by position, in a ring whose size is a power of two.
    ///
    /// An element is empty if the record of its task was not added yet, or has left.
    private var ring = [[UInt8]](repeating: [], count: 256)
    /// The position of the first record that has not left.
    private var start = 0
    /// The position of the first task without a record.
    private(set) var firstUnended = 0
    /// The largest position of a record, plus 1.
    private var end = 0
    /// The size of the records before `firstUnended` that have not left, in bytes.
    private(set) var readyBytes = 0
    /// The size of the records after `firstUnended`, including `bytesBeside` for each record, in bytes.
    private var waitingBytes = 0

    /// True while only the first task of the window may begin.
    var isFull: Bool { waitingBytes >= Self.mostBytes }

    /// Returns true if a position lies in the window or before it.
    func admits(_ position: Int) -> Bool { position - firstUnended < Self.mostTasks }

    /// Adds the record of the task at a position; the task must not have a record yet.
    mutating func add(_ record: [UInt8], at position: Int) {
        precondition(position >= firstUnended, "a task has two records")
        while position - start >= ring.count { grow() }
        ring[place(position)] = record
        end = max(end, position + 1)
        waitingBytes += record.count + Self.bytesBeside
        advance()
    }

    /// Removes and returns records that may leave, in order; returns an empty array if there are none.
    mutating func take() -> [UInt8] {
        var lines: [UInt8] = []
        while start < firstUnended {
            let record = ring[place(start)]
            guard lines.isEmpty || lines.count + record.count <= Self.mostAtOnce else { break }
            ring[place(start)] = []
            start += 1
            if lines.isEmpty { lines = record } else { lines += record }
        }
        readyBytes -= lines.count
        return lines
    }

    /// Lets all waiting records leave; call this function after the last record of the run.
    mutating func skipUnended() {
        for position in firstUnended..<max(end, firstUnended) { readyBytes += ring[place(position)].count }
        (firstUnended, waitingBytes) = (max(end, firstUnended), 0)
    }

    private mutating func advance() {
        while firstUnended < end, !ring[place(firstUnended)].isEmpty {
            let size = ring[place(firstUnended)].count
            waitingBytes -= size + Self.bytesBeside
            readyBytes += size
            firstUnended += 1
        }
    }

    private func place(_ position: Int) -> Int { position & (ring.count - 1) }

    private mutating func grow() {
        var larger = [[UInt8]](repeating: [], count: ring.count * 2)
        for position in start..<end { larger[position & (larger.count - 1)] = ring[place(position)] }
        ring = larger
    }
}
