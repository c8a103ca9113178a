// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The counts of a journal's tasks by outcome, and by the class of the error.
///
/// An invalid line counts as a task.
package struct JournalTally: Hashable, Sendable {
    private var otherOutcomes: [Outcome: Int] = [:]
    /// The number of tasks with an error, by the class of the error.
    private(set) var classes: [ErrorClass: Int] = [:]
    private var good = 0

    /// Creates the tally of an empty journal.
    init() {}

    /// Creates a tally from the numbers of tasks by outcome, and by the class of the error.
    init(outcomes: [Outcome: Int], classes: [ErrorClass: Int]) {
        (otherOutcomes, good) = (outcomes, outcomes[.ok] ?? 0)
        otherOutcomes[.ok] = nil
        self.classes = classes
    }

    /// The number of tasks by outcome.
    var outcomes: [Outcome: Int] {
        var all = otherOutcomes.filter { $0.value > 0 }
        if good > 0 { all[.ok] = good }
        return all
    }

    /// The number of tasks.
    var count: Int { otherOutcomes.reduce(good) { $0 + $1.value } }

    /// Counts a task.
    mutating func add(_ entry: JournalEntry) { change(entry, by: 1) }

    /// Subtracts a task.
    mutating func remove(_ entry: JournalEntry) { change(entry, by: -1) }

    /// Subtracts the counts of `other`, whose tasks must be among the tasks of this tally.
    mutating func remove(_ other: JournalTally) {
        good -= other.good
        otherOutcomes.merge(other.otherOutcomes.mapValues { -$0 }, uniquingKeysWith: +)
        classes.merge(other.classes.mapValues { -$0 }, uniquingKeysWith: +)
    }

    private mutating func change(_ entry: JournalEntry, by step: Int) {
        // Most records are `ok`, and need no access to a dictionary.
        guard entry.outcome != .ok else {
            good += step
            return
        }
        otherOutcomes[entry.outcome, default: 0] += step
        if let error = entry.errorClass { classes[error, default: 0] += step }
    }
}
