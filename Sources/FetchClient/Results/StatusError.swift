// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// What an answer's status says about the task.
enum StatusError {
    /// The statuses that may be better next time: RFC 9110 §15, RFC 6585 §4 (429), RFC 8470 §5.2 (425), and 522 and
    /// 524, by which large proxies report time-outs behind them.
    private static let retryable = [408, 425, 429, 500, 502, 503, 504, 522, 524]

    /// The error of a complete answer; `nil` below 400.
    static func error(of status: Int) -> TaskError? {
        guard status >= 400 else { return nil }
        let errorClass: ErrorClass = status == 429 ? .rateLimited : .httpStatus
        return TaskError(
            errorClass,
            "the server answered with status \(status)",
            isRetryable: retryable.contains(status)
        )
    }
}
