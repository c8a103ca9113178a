// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A parsed and checked task, in the form that a fetch worker executes.
package struct FetchTask: Hashable, Sendable {
    /// The URL to fetch.
    package var url: TargetURL
    /// The request method.
    package var method: Method
    /// The header fields of the task, without the fields that the settings add to every request.
    package var headers: [HeaderField]
    /// The request body; `nil` for none.
    package var body: [UInt8]?
    /// The time limit of this fetch; `nil` if the task sets no limit.
    package var timeout: Duration?
    /// True if the request may be repeated (RFC 9110 §9.2.2).
    ///
    /// The task's member `idempotent` decides; without it, the method decides.
    package var isIdempotent: Bool

    /// The supported request methods: PATCH (RFC 5789), and all methods of RFC 9110 §9.3 except CONNECT.
    package enum Method: String, CaseIterable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
        case options = "OPTIONS"
        case trace = "TRACE"
        case patch = "PATCH"

        /// True if the method is idempotent by definition (RFC 9110 §9.2.2).
        package var isIdempotent: Bool { self != .post && self != .patch }

        /// The raw value as a static string.
        package var word: StaticString {
            switch self {
            case .get: "GET"
            case .head: "HEAD"
            case .post: "POST"
            case .put: "PUT"
            case .delete: "DELETE"
            case .options: "OPTIONS"
            case .trace: "TRACE"
            case .patch: "PATCH"
            }
        }
    }

    /// The member `method` of the task's record; `nil` for a GET without header fields and body.
    var recordedMethod: Method? {
        method == .get && headers.isEmpty && body == nil ? nil : method
    }

    /// Creates a GET without header fields and body.
    package init(url: TargetURL) {
        self.url = url
        method = .get
        headers = []
        isIdempotent = true
    }

    /// Parses a task object.
    ///
    /// - Throws: `TaskError` of class `url`, `scheme` or `json`.
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

/// A task object with the member `url` only, and without blanks: `{"url":"…"}`.
///
/// The coordinator creates such an object for each bare URL in the input.
package enum PlainTask {
    /// The text before the URL.
    package static let prefix: StaticString = #"{"url":""#
    /// The text after the URL.
    package static let suffix: StaticString = #""}"#

    /// Returns the range between `prefix` and `suffix`; `nil` if the object does not begin and end with them,
    /// or if the range is empty.
    ///
    /// The range is the URL only if it contains no quote and no backslash: after a quote, other members can
    /// follow, and a backslash begins an escape. The caller must check this.
    package static func url(in object: Span<UInt8>) -> Range<Int>? {
        let count = object.count
        guard count > 10, object[0] == UInt8(ascii: "{"), object[1] == UInt8(ascii: "\""),
            object[2] == UInt8(ascii: "u"), object[3] == UInt8(ascii: "r"), object[4] == UInt8(ascii: "l"),
            object[5] == UInt8(ascii: "\""), object[6] == UInt8(ascii: ":"), object[7] == UInt8(ascii: "\""),
            object[count - 2] == UInt8(ascii: "\""), object[count - 1] == UInt8(ascii: "}")
        else { return nil }
        return 8..<count - 2
    }

    /// Returns the task object of a URL, with the escapes that a JSON string needs.
    package static func object(of url: Span<UInt8>) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("url")
        writer.string(url)
        writer.endObject()
        return writer.take()
    }
}
