// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel

/// The rule that chooses which records of earlier runs become tasks.
package struct RecordChoice: Sendable {
    /// The chosen outcomes; `nil` for all.
    let outcomes: Set<Outcome>?
    /// True if a string in `meta` is read as the JSON text that `--values text` has written.
    ///
    /// An input is excepted if one of its records was written without `--values text`.
    package var holdsTexts = false

    /// Creates a rule that chooses the records with some outcomes, or all records.
    package init(_ outcomes: Set<Outcome>? = nil) { self.outcomes = outcomes }

    /// The outcomes of the tasks that `--retry-failed` does again.
    package static let failed = Set(Outcome.allCases).subtracting([.ok, .skipped, .invalid])
}
