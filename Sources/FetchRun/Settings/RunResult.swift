// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel

/// The result of a run.
package struct RunResult: Sendable {
    /// The exit status: the first of these that applies, or 0.
    ///
    /// - The status of a `RunError`.
    /// - After a signal, 128 plus the number of the first signal.
    /// - The status of an `EarlyEnd` that left the run incomplete.
    /// - 1 if records are failures by `RunSettings.failRule`.
    ///
    /// For a child coordinator, only the status of a `RunError` applies.
    package var exitStatus: Int32
    /// The seconds from the start of the run to its end; 0 if the run could not start.
    package var seconds = 0.0
    /// The number of records of this run by outcome.
    package var outcomes: [Outcome: Int] = [:]

    /// The number of all records of this run.
    package var records: Int { outcomes.values.reduce(0, +) }
}
