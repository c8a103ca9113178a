// SPDX-License-Identifier: MIT
// fetchpool

extension TaskError {
    /// The statuses that may be better next time: RFC 9110 §15, RFC 6585 §4 (429), RFC 8470 §5.2 (425), and 522 and
    /// 524, by which large proxies report time-outs behind them.
    private static let retryableStatuses = [408, 425, 429, 500, 502, 503, 504, 522, 524]

    /// The error that a final HTTP status is; `nil` below 400.
    package static func ofStatus(_ status: Int) -> TaskError? {
        guard status >= 400 else { return nil }
        let errorClass: ErrorClass = status == 429 ? .rateLimited : .httpStatus
        let message = "the server answered with status \(status)"
        return TaskError(errorClass, message, isRetryable: retryableStatuses.contains(status))
    }

    /// True if no request was sent, so that whatever it asks for has not been done.
    ///
    /// A status is one of an answer to an earlier request, which led on to this one.
    package func isBeforeRequest(status: Int?) -> Bool {
        guard status == nil else { return false }
        return errorClass == .dns || errorClass == .connect || errorClass == .timeoutConnect
    }
}
