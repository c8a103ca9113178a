// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel

/// How a run went.
package struct RunResult: Sendable {
    /// 0, 1, 3, 4, 141, or 128 and the number of a signal.
    package var exitStatus: Int32
    /// Seconds from its begin to its end.
    package var seconds = 0.0
    /// Records by outcome.
    package var outcomes: [Outcome: Int] = [:]

    /// All records.
    package var records: Int { outcomes.values.reduce(0, +) }
}
