// SPDX-License-Identifier: MIT
// fetchpool

/// The class of an error that ended a task or an attempt: `error.class` or `attempts[].class` of a record.
package enum ErrorClass: String, CaseIterable, Sendable {
    case httpStatus = "http_status"
    case rateLimited = "rate_limited"

    case dns
    case connect
    case tls
    case timeoutConnect = "timeout_connect"
    case timeoutTotal = "timeout_total"
    case lowSpeed = "low_speed"
    case reset
    case `protocol`
    case tooLarge = "too_large"
    case decompress
    case redirects
    case workerProtocol = "worker_protocol"

    case processor

    case crash
    case oom
    case deadline

    case privateAddress = "private_address"
    case scheme
    case robots

    case url
    case json
    case lineTooLong = "line_too_long"

    case duplicate
    case cancelled

    /// The outcome of a task whose fetch ended with an error of this class.
    ///
    /// Outside a fetch, the outcome can be different: `invalid` for a wrong `scheme` in an input line, and
    /// `process_error` for `worker_protocol` of a processing worker.
    package var outcomeOfFetch: Outcome {
        switch self {
        case .httpStatus, .rateLimited: .httpError
        case .dns, .connect, .tls, .timeoutConnect, .timeoutTotal, .lowSpeed, .reset, .protocol, .tooLarge,
            .decompress, .redirects, .workerProtocol:
            .fetchError
        case .processor: .processError
        case .crash, .oom: .workerCrash
        case .deadline: .timeout
        case .privateAddress, .scheme, .robots: .blocked
        case .url, .json, .lineTooLong: .invalid
        case .duplicate: .skipped
        case .cancelled: .cancelled
        }
    }
}
