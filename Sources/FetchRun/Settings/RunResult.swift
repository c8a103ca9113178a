// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel

/// The result of a run.
package struct RunResult: Sendable {
    /// The exit status: 1 if records are failures by `RunSettings.failRule`; the status of a `RunError` or of
    /// an `EarlyEnd`; 128 plus the number of the first signal; otherwise 0.
    ///
    /// A child coordinator has the status of a `RunError`, or 0.
    package var exitStatus: Int32
    /// The seconds from the start of the run to its end; 0 if the run could not start.
    package var seconds = 0.0
    /// The number of records of this run by outcome.
    package var outcomes: [Outcome: Int] = [:]

    /// The number of all records of this run.
    package var records: Int { outcomes.values.reduce(0, +) }
}
