// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The rule that decides which records give a run the exit status 1.
///
/// A resumed run also counts the tasks of earlier runs, by their last records.
package enum FailRule: Hashable, Sendable {
    /// Each record that is neither `ok` nor `skipped`.
    case any
    /// Each record that is not `ok`, `skipped` or `http_error`.
    case errors
    /// Only `worker_crash`.
    case crashes
    /// No record.
    case none
    /// The records that `any` counts, if they exceed a fraction of all records.
    case share(RecordShare)

    /// Returns true if a record of this outcome is a failure by this rule.
    func counts(_ outcome: Outcome) -> Bool {
        switch self {
        case .any, .share: !outcome.isGood
        case .errors: !outcome.isGood && outcome != .httpError
        case .crashes: outcome == .workerCrash
        case .none: false
        }
    }

    /// The rule by which a `FailureLimit` counts failures.
    ///
    /// With `none`, a limit would have no effect, so `any` takes the place of `none`.
    var ofLimit: Self { self == .none ? .any : self }

    /// Returns true if a run with these records has failed; the dictionary has the number of records by
    /// outcome.
    func fails(_ outcomes: [Outcome: Int]) -> Bool {
        let failures = outcomes.reduce(0) { counts($1.key) ? $0 + $1.value : $0 }
        guard case .share(let most) = self else { return failures > 0 }
        return most.isExceeded(failures, of: outcomes.values.reduce(0, +))
    }
}

/// The highest number or fraction of failures with which a run goes on; more failures end the run early.
///
/// Only the records of this run count. `FailRule.ofLimit` decides which records are failures.
package enum FailureLimit: Hashable, Sendable {
    /// The run ends if there are more failures than this number.
    case number(Int)
    /// The run ends if one of two fractions is larger than this share.
    ///
    /// The first fraction is the share of failures among the fetched tasks that have a record. The second is
    /// the number of all failures, divided by the number of lines that were read.
    ///
    /// The second fraction also divides by lines that are read and not yet fetched, so it rises late. The
    /// first fraction shows sooner that fetches fail. It leaves out the records of tasks that were never
    /// fetched: those of invalid lines, and those of tasks whose host was given up. Many such records can
    /// come at once. Repeated tasks, which are `skipped`, count in neither fraction.
    ///
    /// The first fraction applies only from `fewestFetched` fetched tasks on, and the second only from
    /// `fewestRecords` records on.
    case share(RecordShare)

    /// The number of records below which a run does not end because of `share`.
    package static let fewestRecords = 100
    /// The number of fetched tasks below which their fraction of failures does not end a run.
    ///
    /// Among the first fetches that end, failures are frequent, because a refused connection takes less time
    /// than a response.
    package static let fewestFetched = 1_000
}

/// A fraction of records, from 0 to 1, which is compared without rounding.
///
/// As a `Double`, 29 % of 100 records would be less than 29.
package struct RecordShare: Hashable, Sendable {
    /// The fraction in trillionths.
    private let trillionths: Int

    /// Creates a fraction from trillionths, at most 10^12.
    package init(trillionths: Int) {
        self.trillionths = trillionths
    }

    /// Returns true if `part` records are more than this fraction of `whole` records.
    func isExceeded(_ part: Int, of whole: Int) -> Bool {
        Int128(part) * 1_000_000_000_000 > Int128(trillionths) * Int128(whole)
    }
}
