// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel

/// The result of a run.
package struct RunResult: Sendable {
    /// The exit status: 0, 1, 3, 4, 141, or 128 plus the number of a signal.
    package var exitStatus: Int32
    /// The seconds from the start of the run to its end.
    package var seconds = 0.0
    /// The number of records by outcome.
    package var outcomes: [Outcome: Int] = [:]

    /// The number of all records.
    package var records: Int { outcomes.values.reduce(0, +) }
}
