// SPDX-License-Identifier: MIT
// fetchpool

/// The progress of a run at one time, for the display and for a log.
struct RunProgress: Hashable, Sendable {
    /// The number of all tasks, or the share of the input that is done, or neither.
    enum Extent: Hashable, Sendable {
        /// Neither the number nor the share is known.
        case unknown
        /// The number of all tasks.
        case total(Int)
        /// The share of the input that is done, from 0 to 1, estimated from the bytes that were read.
        case share(Double)

        /// Returns the share that is done if the fraction `read` of the input's bytes was read.
        ///
        /// `tasksRead` is the number of tasks that were read, and `done` the number of these tasks that have
        /// finished. Both leave out the `passed` tasks, which earlier runs have done; their bytes were read
        /// too.
        static func estimated(read: Double, done: Int, tasksRead: Int, passed: Int) -> Extent {
            .share(read * Double(done + passed) / Double(tasksRead + passed))
        }
    }

    /// The number of finished tasks.
    var done = 0
    /// The number of finished tasks that are neither `ok` nor `skipped`.
    var failures = 0
    /// The most frequent error class, with its number of failures; `nil` if no failure has a class.
    var leading: (name: String, count: Int)? {
        get { leadingName.map { ($0, leadingCount) } }
        set { (leadingName, leadingCount) = (newValue?.name, newValue?.count ?? 0) }
    }
    private var leadingName: String?
    private var leadingCount = 0
    var extent = Extent.unknown
    /// The number of tasks that the run has passed over because of `--resume`; `done` leaves them out.
    var passed = 0
    /// The decoded size of all bodies so far, in bytes.
    var bytes = 0
    /// The rates over about the last 30 s, in tasks and bytes per second; `nil` at the start
    /// (`RateWindow.rates`).
    var rate: Double?
    var bytesPerSecond: Double?
    /// The time left in seconds; `nil` while it cannot be estimated.
    var secondsLeft: Double?
    /// The time since a finished task was last noticed, in nanoseconds.
    ///
    /// Before the first finished task, this is the time since the start of the run. Finished tasks are
    /// noticed at the end of each turn of the pool's loop.
    var idle = 0
    /// The limit that the run had most often in the last two seconds (`LimitWatch`); `nil` if the run mostly
    /// had no limit.
    var limit: RunLimit?
    /// The time since the start of the run, in nanoseconds.
    var elapsed = 0

    /// The share of the work that is done, from 0 to 1; `nil` if it is not known, or if there are no tasks.
    var share: Double? {
        switch extent {
        case .unknown: nil
        case .total(let total): total > 0 ? min(Double(done) / Double(total), 1) : nil
        case .share(let share): min(share, 1)
        }
    }
}

/// The state of one worker process, for the lines that `--verbose` and SIGUSR1 show.
struct WorkerStatus: Hashable, Sendable {
    /// `fetcher` or `processor`.
    var role: String
    /// The number of the worker in its pool.
    var number: Int
    var pid: Int
    /// False while the worker starts: until its first line comes, or the pool begins to end the worker.
    var isReady = true
    var inFlight = 0
    var done = 0
    /// The number of earlier workers with this `number`.
    var restarts = 0
    /// The resident memory in KiB; `nil` if it is not known.
    var memoryKB: Int?
    /// The URL of the task that the worker probably works on (`RunState.shownURL`); `nil` if there is none.
    var task: String?
    /// The time for which the worker has had its oldest task, in nanoseconds; 0 if it has no task.
    ///
    /// `WorkerUse.nanoseconds` says when this time begins.
    var taskTime = 0
}
