// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

/// Counts how often each event met a worker in each state, and how often a task had each fate.
struct Coverage: Sendable {
    /// An event of a worker, or of its pool while the worker lives.
    enum Event: Int, CaseIterable {
        case hello, otherVersion, started, strayStart, returned, strayReturn, beat, heldBeat, other
        case stray, flood, spoilt, straySpoilt, nameless, echo, bye, outputClosed, answer, strayAnswer,
            outgrew
        case cleanEnd, badEnd, spawnFailed
        case submitted, tick, drain, stop
    }

    /// The activity of a worker, as observed by the simulation itself.
    enum State: Int, CaseIterable {
        /// Its first line has not come: without a task, and with its first task.
        case starting, startingBusy
        /// The worker waits for a task, or works.
        case idle, busy
        /// It said `bye` or closed its output, and lives on.
        case closing
        /// The worker was told to exit.
        case draining
        /// The worker was asked or forced to end.
        case stopping
    }

    /// The fate of a task.
    enum Fate: Int, CaseIterable {
        case answered, triedAgain, crashed, outOfMemory, lost, late, brokeProtocol, cancelled
        /// Returned after a recall; requeued because its worker died of another task; retried alone.
        case recalled, requeued, triedAlone
        /// Unread by a worker that died; held at a death that is not judged yet.
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

    /// Returns the reason why a pair cannot occur; `nil` if it can.
    static func reasonAgainst(_ event: Event, _ state: State) -> String? {
        switch (event, state) {
        case (.spawnFailed, .starting): nil
        case (.spawnFailed, _): "it comes in the turn of the start, before anything is sent or said"
        case (.spoilt, .starting), (.spoilt, .idle), (.answer, .starting), (.answer, .idle),
            (.returned, .starting), (.returned, .idle),
            (.started, .starting), (.started, .idle):
            "it names a task that the worker has in hand, and it has none"
        case (.returned, .startingBusy): "nothing is asked back from a worker that has not said a line"
        case (.spoilt, .draining), (.answer, .draining), (.returned, .draining), (.started, .draining):
            "a worker is told to leave when it has nothing in hand"
        case (.flood, .starting), (.flood, .idle):
            "a task makes a worker do it, or its leaving"
        case (.outgrew, .starting), (.outgrew, .idle), (.outgrew, .draining):
            "the memory of a worker is looked at while it has a task in hand"
        default: nil
        }
    }

    /// Returns `true` for a pair of two rare halves: a worker says `bye` and then sends an unusable result.
    private static func isRare(_ event: Event, _ state: State) -> Bool {
        event == .spoilt && state == .closing
    }

    /// Returns the possible pairs and fates that occurred less often than `least`, and the impossible ones
    /// that occurred.
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

    /// A table for people; `·` marks a pair that cannot occur.
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
