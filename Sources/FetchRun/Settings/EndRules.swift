// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The rule that decides which records make the exit status of a run 1.
package enum FailRule: Hashable, Sendable {
    /// Each record that is neither `ok` nor `skipped`.
    case any
    /// As `any`, but not `http_error`: the server has answered.
    case errors
    /// Only `worker_crash`.
    case crashes
    /// No record.
    case none
    /// As `any`, but only if these records are more than this part of all records, from 0 to 1.
    case share(Double)

    /// Returns true if a record of this outcome is a failure by this rule.
    func counts(_ outcome: Outcome) -> Bool {
        switch self {
        case .any, .share: !outcome.isGood
        case .errors: !outcome.isGood && outcome != .httpError
        case .crashes: outcome == .workerCrash
        case .none: false
        }
    }

    /// Returns true if a run with these records has failed; the dictionary has the number of records by
    /// outcome.
    func fails(_ outcomes: [Outcome: Int]) -> Bool {
        let failures = outcomes.reduce(0) { counts($1.key) ? $0 + $1.value : $0 }
        guard case .share(let most) = self else { return failures > 0 }
        return Double(failures) > most * Double(outcomes.values.reduce(0, +))
    }
}

/// The number of failures after which a run ends early.
package enum FailureLimit: Hashable, Sendable {
    /// More failures than this number.
    case number(Int)
    /// More failures than this part of all records, from 0 to 1, once there are `fewestRecords` records.
    case share(Double)

    /// The number of records below which a run does not end because of `share`.
    package static let fewestRecords = 100

    /// Returns true if the run must end.
    func isExceeded(failures: Int, records: Int) -> Bool {
        switch self {
        case .number(let most): failures > most
        case .share(let most):
            records >= Self.fewestRecords && Double(failures) > most * Double(records)
        }
    }
}
