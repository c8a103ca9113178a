// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform

/// A reason for which a run ends early by its own rules.
enum EarlyEnd {
    /// More failures than `--max-failures` allows.
    case failures
    /// The time of `--deadline` is over.
    case deadline

    /// The exit status of a run that this reason has left incomplete.
    ///
    /// After a signal, or after a failure of the run itself (`RunError`), the run has another exit status.
    var exitStatus: Int32 {
        switch self {
        case .failures: 5
        case .deadline: 6
        }
    }

    /// The message for the user at the beginning of the early end, while tasks can be in flight.
    var sentence: String { "fetchpool: \(reason); finishing the tasks in flight" }

    /// The rule that ends the run, as text.
    var reason: String {
        switch self {
        case .failures: "more failures than --max-failures allows"
        case .deadline: "the time of --deadline is over"
        }
    }

    /// The rules by which a run ends early.
    struct Rules {
        private let failureLimit: FailureLimit?
        private let failRule: FailRule
        /// The time at which the run ends early; `nil` for none.
        let deadline: PoolTime?

        /// Creates the rules of a run that begins at `start`.
        init(_ settings: RunSettings, start: PoolTime) {
            (failureLimit, failRule) = (settings.failureLimit, settings.failRule.ofLimit)
            deadline = settings.deadline.map { start + PoolTime.Milliseconds($0.wholeMilliseconds) }
        }

        /// Returns the reason for which a run must end now; `nil` if it may go on.
        ///
        /// `linesRead` is the number of tasks and invalid lines of this run that were read.
        func reason(
            _ summary: @autoclosure () -> RunSummary,
            linesRead: Int,
            at now: PoolTime
        ) -> EarlyEnd? {
            if let failureLimit, failureLimit.isExceeded(by: summary(), failRule, linesRead: linesRead) {
                return .failures
            }
            return deadline.map { now >= $0 } ?? false ? .deadline : nil
        }
    }
}

extension FailureLimit {
    /// Returns true if the run must end; `rule` decides which records are failures.
    ///
    /// `linesRead` is the number of tasks and invalid lines of this run that were read.
    func isExceeded(by summary: RunSummary, _ rule: FailRule, linesRead: Int) -> Bool {
        let all = summary.failures(by: rule)
        switch self {
        case .number(let most): return all > most
        case .share(let most):
            let skipped = summary.outcomes[.skipped, default: 0]
            let fetched = summary.fetched(failuresBy: rule)
            return summary.records - skipped >= Self.fewestRecords
                && most.isExceeded(all, of: linesRead - skipped)
                || fetched.records >= Self.fewestFetched
                    && most.isExceeded(fetched.failures, of: fetched.records)
        }
    }
}
