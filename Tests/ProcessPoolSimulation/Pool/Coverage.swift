// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

/// The number of occurrences of each event in each state of a worker, and of each fate of a task.
struct Coverage: Sendable {
    /// An event of a worker, or of its pool while the worker lives.
    ///
    /// Most events are lines of the worker (`Line`). `strayStart`, `strayReturn`, `straySpoilt` and
    /// `strayResult` have a number for which the worker has no task. A return is also stray if the worker may
    /// return no task (`Life.mayReturn`).
    enum Event: Int, CaseIterable {
        case hello, otherVersion, started, strayStart, returned, strayReturn, beat, heldBeat, other, part
        case stray, flood, spoilt, straySpoilt, nameless, echo, bye, outputClosed, result, strayResult,
            outgrew
        case cleanEnd, badEnd, spawnFailed
        case submitted, tick, drain, stop, terminate
    }

    /// The activity of a worker, as the simulation itself observes it.
    ///
    /// If several of these states apply, the state that is declared last counts. A worker's first line is its
    /// first message, or its first unusable line that ends a task.
    enum State: Int, CaseIterable {
        /// The worker has not sent its first line; it has no task (`starting`), or it has a task
        /// (`startingBusy`).
        case starting, startingBusy
        /// The worker has sent its first line; it has no task (`idle`), or it has tasks (`busy`).
        case idle, busy
        /// The worker said `bye`, or its output has ended.
        case closing
        /// The worker was told to exit.
        case draining
        /// The pool sent SIGTERM or SIGKILL to the worker.
        case stopping
    }

    /// The fate of a task; a task can have several fates, one after the other.
    enum Fate: Int, CaseIterable {
        case completed, triedAgain, crashed, outOfMemory, lost, late, brokeProtocol, cancelled
        /// The task was returned after a recall, requeued after its worker's end, or sent as a suspect. A
        /// suspect is a task with at least two deaths (`Ledger.Task.deaths`).
        case recalled, requeued, triedAlone
        /// The worker ended with unread tasks, or the cause of its death was not known at once. Each of these
        /// two fates is counted once for a worker.
        case unread, opened
    }

    private var counts = [Int](repeating: 0, count: Event.allCases.count * State.allCases.count)
    private var fates = [Int](repeating: 0, count: Fate.allCases.count)

    mutating func note(_ event: Event, _ state: State) { counts[Self.index(event, state)] += 1 }

    mutating func note(_ fate: Fate) { fates[fate.rawValue] += 1 }

    mutating func add(_ other: Coverage) {
        for index in counts.indices { counts[index] += other.counts[index] }
        for index in fates.indices { fates[index] += other.fates[index] }
    }

    private func count(_ event: Event, _ state: State) -> Int { counts[Self.index(event, state)] }

    private static func index(_ event: Event, _ state: State) -> Int {
        event.rawValue * State.allCases.count + state.rawValue
    }

    /// Returns the reason why a pair of event and state cannot occur; `nil` if the pair can occur.
    static func reasonAgainst(_ event: Event, _ state: State) -> String? {
        switch (event, state) {
        case (.spawnFailed, .starting): nil
        case (.spawnFailed, _): "a start fails in its own turn, before any message"
        case (.spoilt, .starting), (.spoilt, .idle), (.result, .starting), (.result, .idle),
            (.returned, .starting), (.returned, .idle),
            (.started, .starting), (.started, .idle):
            "the event names a task of the worker, but the worker has no task"
        case (.returned, .startingBusy): "no task is recalled before the worker's first line"
        case (.spoilt, .draining), (.result, .draining), (.returned, .draining), (.started, .draining):
            "a worker is drained only when it has no task"
        case (.flood, .starting), (.flood, .idle):
            "a worker floods only during a task or after a bye"
        case (.outgrew, .starting), (.outgrew, .idle), (.outgrew, .draining):
            "the memory of a worker is checked only while it has a task"
        default: nil
        }
    }

    /// Returns `true` for a pair that occurs rarely.
    ///
    /// The rare pairs are an unusable result after a `bye`, and the termination of the pool while a worker
    /// starts.
    private static func isRare(_ event: Event, _ state: State) -> Bool {
        switch (event, state) {
        case (.spoilt, .closing), (.terminate, .starting), (.terminate, .startingBusy): true
        default: false
        }
    }

    /// Returns the possible pairs and fates that occurred less often than `least`, and the impossible pairs
    /// that occurred.
    ///
    /// For a rare pair, a tenth of `least` is enough.
    func gaps(least: Int) -> [String] {
        var gaps: [String] = []
        for event in Event.allCases {
            for state in State.allCases {
                let (count, reason) = (count(event, state), Self.reasonAgainst(event, state))
                if let reason, count > 0 {
                    gaps.append("\(event) × \(state) occurred \(count) times, though \(reason)")
                } else if reason == nil, count < (Self.isRare(event, state) ? least / 10 : least) {
                    gaps.append("\(event) × \(state) occurred \(count) times")
                }
            }
        }
        for (fate, count) in zip(Fate.allCases, fates) where count < least {
            gaps.append("\(fate) occurred \(count) times")
        }
        return gaps
    }

    /// The numbers as a table; `·` marks a pair that cannot occur.
    ///
    /// The last line shows the number of each fate.
    var table: String {
        var lines = [Self.row("event", State.allCases.map { "\($0)" })]
        for event in Event.allCases {
            let cells = State.allCases.map { state in
                Self.reasonAgainst(event, state) == nil ? "\(count(event, state))" : "·"
            }
            lines.append(Self.row("\(event)", cells))
        }
        lines.append("tasks: " + zip(Fate.allCases, fates).map { "\($0) \($1)" }.joined(separator: ", "))
        return lines.joined(separator: "\n")
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return name + String(repeating: " ", count: 13 - name.count) + cells.map { padded($0, 13) }.joined()
    }
}
