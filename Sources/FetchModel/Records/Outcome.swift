// SPDX-License-Identifier: MIT
// fetchpool

/// The outcome of a task: the member `outcome` of a record.
package enum Outcome: String, CaseIterable, Sendable {
    case ok
    case httpError = "http_error"
    case fetchError = "fetch_error"
    case processError = "process_error"
    case workerCrash = "worker_crash"
    case timeout
    case blocked
    case invalid
    case skipped
    case cancelled

    /// The raw value as a static string.
    package var word: StaticString {
        switch self {
        case .ok: "ok"
        case .httpError: "http_error"
        case .fetchError: "fetch_error"
        case .processError: "process_error"
        case .workerCrash: "worker_crash"
        case .timeout: "timeout"
        case .blocked: "blocked"
        case .invalid: "invalid"
        case .skipped: "skipped"
        case .cancelled: "cancelled"
        }
    }

    /// True for `ok` and `skipped`.
    ///
    /// By default, a record of any other outcome makes the run fail (`FailRule` in `FetchRun`).
    package var isGood: Bool { self == .ok || self == .skipped }
}
