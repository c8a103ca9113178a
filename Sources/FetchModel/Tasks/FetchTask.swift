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

/// One field of a request's or a response's header.
package struct HeaderField: Hashable, Sendable {
    /// The name, as it was given.
    package var name: String
    /// The value, without blanks around it.
    package var value: String

    /// Creates a field.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Why this field may not be sent; `nil` if it may.
    ///
    /// A name is a token (RFC 9110 §5.6.2); a value holds no CR, LF or NUL, or one line would become two, and
    /// no other control character but the tab (§5.5).
    /// The framing of a message is libcurl's alone.
    package var refusal: String? {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
            return "the header name '\(name)' is not a token"
        }
        if value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) {
            return "the value of header '\(name)' holds a line break or NUL"
        }
        if value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
            return "the value of header '\(name)' holds a control character"
        }
        let framing = ["content-length", "transfer-encoding"]
        if framing.contains(name.lowercased()) {
            return "the header '\(name)' is set by fetchpool; leave it out"
        }
        return nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
