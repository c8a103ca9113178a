// SPDX-License-Identifier: MIT
// fetchpool

/// Figures of a limited number of workers.
struct WorkerFigures: Sendable {
    /// The identity of a worker: the index of the file with the worker's records, the worker's machine and
    /// pool, and the worker's place (number) in the pool.
    struct Key: Hashable, Sendable {
        var source: Int
        /// The place of the worker's child coordinator in the pool of the parent coordinator.
        ///
        /// The value is `nil` for a processing worker that is not on a machine of `--hosts`, and for a fetch
        /// worker.
        var machine: Int?
        /// True for a processing worker, false for a fetch worker.
        var processes: Bool
        var place: Int
    }

    /// The figures of one worker.
    struct Worker: Sendable {
        let key: Key
        var records = 0
        /// The number of tasks that ended with `worker_crash` or `timeout` in this worker.
        var deaths = 0
        /// The number of processes that have run as this worker, counted by their process ids.
        var processes = 0
        /// The sum of the worker's fetch times or processing times, in milliseconds.
        var time = 0.0
        /// The row of the worker's records in the grid.
        let row: TimeGrid.Row
        /// The row of the worker's deaths in the grid; `nil` if no death has a time.
        var deathRow: TimeGrid.Row?
        /// The process ids of the last `mostPIDs` processes, in a ring.
        ///
        /// One id would not be enough: records of an ended process can follow records of later processes, for
        /// example with `--ordered`.
        private var pids: [Int] = []

        /// The largest number of process ids in `pids`.
        private static let mostPIDs = 16

        fileprivate init(key: Key, row: TimeGrid.Row) { (self.key, self.row) = (key, row) }

        fileprivate mutating func count(pid: Int) {
            guard !pids.contains(pid) else { return }
            if pids.count < Self.mostPIDs {
                pids.append(pid)
            } else {
                pids[processes % Self.mostPIDs] = pid
            }
            processes += 1
        }
    }

    /// The largest number of workers with figures.
    static let capacity = 1_024

    private(set) var workers: [Worker] = []
    private var places: [Key: Int] = [:]
    /// The number of records of workers without figures: of all workers after the first `capacity`.
    ///
    /// A record counts twice if its fetch worker and its processing worker are both without figures.
    private(set) var recordsOfOthers = 0
    private var last: (key: Key, place: Int)?

    /// Counts a record of a worker; `milliseconds` is the time that the worker took to fetch or process.
    ///
    /// `milliseconds` is `nil` if the record does not tell this time. `column` is the column of the record in
    /// `grid`; `nil` if the record has no time.
    mutating func count(
        _ key: Key,
        pid: Int?,
        isDeath: Bool,
        milliseconds: Double?,
        at column: Int?,
        in grid: inout TimeGrid
    ) {
        guard let place = place(of: key, in: &grid) else {
            recordsOfOthers += 1
            return
        }
        workers[place].records += 1
        workers[place].time += milliseconds ?? 0
        if let pid { workers[place].count(pid: pid) }
        if let column { grid[workers[place].row, column] += 1 }
        guard isDeath else { return }
        workers[place].deaths += 1
        guard let column else { return }
        let row = workers[place].deathRow ?? grid.addRow()
        workers[place].deathRow = row
        grid[row, column] += 1
    }

    private mutating func place(of key: Key, in grid: inout TimeGrid) -> Int? {
        if let last, last.key == key { return last.place }
        if let place = places[key] {
            last = (key, place)
            return place
        }
        guard workers.count < Self.capacity else { return nil }
        workers.append(Worker(key: key, row: grid.addRow()))
        places[key] = workers.count - 1
        last = (key, workers.count - 1)
        return workers.count - 1
    }
}
