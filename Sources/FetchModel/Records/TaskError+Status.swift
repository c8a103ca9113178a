// SPDX-License-Identifier: MIT
// fetchpool

extension TaskError {
    /// The statuses after which a retry may succeed: the default of `--retry-status`.
    ///
    /// RFC 9110 §15 defines 408, 500, 502, 503 and 504. RFC 8470 §5.2 defines 425, and RFC 6585 §4 defines
    /// 429. Large proxies report time-outs of the servers behind them with 522 and 524.
    package static let retryableStatuses: Set = [408, 425, 429, 500, 502, 503, 504, 522, 524]

    /// Returns the error for a final HTTP status; `nil` for a status below 400.
    ///
    /// `asksProxy` is true if the request went to an HTTP proxy in place of a server.
    package static func ofStatus(_ status: Int, asksProxy: Bool = false) -> TaskError? {
        guard status >= 400 else { return nil }
        let errorClass: ErrorClass = status == 429 ? .rateLimited : .httpStatus
        let message =
            status == 407 && asksProxy
            ? "\(refusalOfProxy) (status 407)" : "the server responded with status \(status)"
        return TaskError(errorClass, message, isRetryable: retryableStatuses.contains(status))
    }

    /// The beginning of the message if a proxy requires a login, or refuses the login (RFC 9110 §15.5.8).
    package static let refusalOfProxy =
        "the proxy needs a user name and password, or refused those of --proxy"

    /// True if a proxy required a login, or refused the login; neither is a fault of the host.
    package var isRefusalOfProxy: Bool { message.hasPrefix(Self.refusalOfProxy) }

    /// The beginning of the message if no connection to the proxy was made.
    package static let lostProxy = "the proxy could not be reached"

    /// True if no connection to the proxy was made.
    ///
    /// A request that led to a redirect may have been sent before.
    package var isOfLostProxy: Bool {
        let isBeforeRequest = errorClass == .connect || errorClass == .dns || errorClass == .timeoutConnect
        return isBeforeRequest && message.hasPrefix(Self.lostProxy)
    }

    /// The beginning of the message if a proxy responds to a CONNECT with the status 429 (RFC 6585 §4).
    package static let pauseOfProxy = "the proxy asks for a pause"

    /// True if a proxy asks for fewer requests to the host.
    package var isPauseOfProxy: Bool { errorClass == .connect && message.hasPrefix(Self.pauseOfProxy) }

    /// The beginning of the message if a proxy responds to a CONNECT with the status 503 (RFC 9110 §15.6.4).
    package static let shortageOfProxy = "the proxy can make no connection now"

    /// The beginning of the message if the look-up of a host name had no result.
    package static let unansweredLookup = "the host name could not be looked up"

    /// True if the look-up of the host name had no result, so that the name may exist.
    package var isUnansweredLookup: Bool { errorClass == .dns && message.hasPrefix(Self.unansweredLookup) }

    /// True if the failure is probably temporary, and shows little about the host: a look-up without a
    /// result, or a proxy that makes no connections for now.
    package var isPassing: Bool {
        isUnansweredLookup || errorClass == .connect && message.hasPrefix(Self.shortageOfProxy)
    }

    /// Returns true if the class and the status show that the fetch failed before any request was sent.
    ///
    /// A `status` shows that a response came, so a request was sent.
    package func isBeforeRequest(status: Int?) -> Bool {
        guard status == nil else { return false }
        return errorClass == .dns || errorClass == .connect || errorClass == .timeoutConnect
    }
}
