// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// What one task asks for, read and checked: the fetch worker's view of it.
package struct FetchTask: Hashable, Sendable {
    /// Where to.
    package var url: TargetURL
    /// The request method.
    package var method: Method
    /// The user's own header fields, in the order given.
    package var headers: [HeaderField]
    /// The request body; `nil` sends none.
    package var body: [UInt8]?
    /// The longest this fetch may take, where the task says so itself.
    package var timeout: Duration?
    /// Whether the request may be sent twice (RFC 9110 §9.2.2), by its method or because the task says so.
    package var isIdempotent: Bool

    /// The request methods accepted: those of RFC 9110 §9.3 but CONNECT, and PATCH (RFC 5789).
    package enum Method: String, CaseIterable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
        case options = "OPTIONS"
        case trace = "TRACE"
        case patch = "PATCH"

        /// Whether the method is idempotent by definition (RFC 9110 §9.2.2).
        package var isIdempotent: Bool { self != .post && self != .patch }
    }

    /// A plain GET.
    package init(url: TargetURL) {
        self.url = url
        method = .get
        headers = []
        isIdempotent = true
    }

    /// Reads a task object.
    ///
    /// - Throws: `TaskError` of class `url`, `scheme` or `json`, whose message says what to change.
    package init(reading object: Span<UInt8>) throws(TaskError) {
        if let inside = PlainTask.url(in: object) {
            let url = object.extracting(inside)
            if let plain = PlainURL(reading: url), plain.isCanonical {
                self = FetchTask(url: TargetURL(plain, url))
                return
            }
        }
        var reader = TaskReader()
        try reader.read(object)
        self = try reader.task()
    }
}
