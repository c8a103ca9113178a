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

/// A task that is nothing but its URL: `{"url":"…"}` without a blank, as it is made around the bare URLs of input.
package enum PlainTask {
    /// What stands in front of the URL.
    package static let prefix: StaticString = #"{"url":""#
    /// What stands behind it.
    package static let suffix: StaticString = #""}"#

    /// Where the URL lies in a task of that form, if it is one; a quote or a backslash in it would say that it is none.
    package static func url(in object: Span<UInt8>) -> Range<Int>? {
        let count = object.count
        guard count > 10, object[0] == UInt8(ascii: "{"), object[1] == UInt8(ascii: "\""),
            object[2] == UInt8(ascii: "u"), object[3] == UInt8(ascii: "r"), object[4] == UInt8(ascii: "l"),
            object[5] == UInt8(ascii: "\""), object[6] == UInt8(ascii: ":"), object[7] == UInt8(ascii: "\""),
            object[count - 2] == UInt8(ascii: "\""), object[count - 1] == UInt8(ascii: "}")
        else { return nil }
        return 8..<count - 2
    }

    /// The task of a URL, with the escapes that the URL needs in a string.
    package static func object(of url: Span<UInt8>) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("url")
        writer.string(url)
        writer.endObject()
        return writer.take()
    }
}
