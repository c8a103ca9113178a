// SPDX-License-Identifier: MIT
// fetchpool

/// The result of asking a body source for more bytes.
enum SourceStep {
    /// The source may have added bytes, and more follow.
    case more
    /// The source may have added bytes; ask again after the given number of nanoseconds.
    case pause(UInt64)
    /// The body is complete.
    case end
}

/// A function that appends the next piece of a body.
///
/// A piece stays in memory until it is sent, so it usually has at most 64 KiB.
typealias BodySource = (inout [UInt8]) -> SourceStep

/// The response of a route to one request.
struct Reply {
    /// The body of a response.
    enum Body {
        case whole([UInt8])
        /// A body that is generated while it is sent.
        ///
        /// A body without a length is sent in chunks if `Reply.isChunked` returns true.
        case stream(length: Int?, BodySource)
    }

    /// The state of the connection after the response.
    enum Ending {
        /// The connection accepts the next request, unless the client asks to close the connection, or the
        /// body has neither a length nor chunks.
        case reusable
        /// The connection is closed normally.
        case close
        /// The connection is reset.
        case reset
        /// Nothing of the response is sent, and the connection stays open.
        case hang
    }

    var status = 200
    var fields: [HeaderField] = []
    var body = Body.whole([])
    /// The value of `Content-Length`, if it must differ from the true length.
    var declaredLength: Int?
    /// False if only the bytes of the body are sent.
    var hasHead = true
    var ending = Ending.reusable
    /// The delay before the response, in nanoseconds, in addition to the server's latency.
    var delay: UInt64 = 0

    /// Makes a response with a body of the given type.
    static func content(_ type: String, _ bytes: [UInt8], status: Int = 200) -> Reply {
        Reply(status: status, fields: [HeaderField(name: "Content-Type", value: type)], body: .whole(bytes))
    }

    /// Makes a response with a short text.
    static func text(_ text: String, status: Int = 200) -> Reply {
        content("text/plain; charset=utf-8", Array(text.utf8), status: status)
    }

    /// Makes the response to a known path with an invalid part; `shape` is the correct form.
    static func usage(_ shape: String) -> Reply {
        text("This path has the form \(shape).\n", status: 404)
    }

    /// Makes a redirect.
    static func redirect(to location: String, status: Int = 302) -> Reply {
        var reply = Reply.text("See \(location).\n", status: status)
        reply.fields.append(HeaderField(name: "Location", value: location))
        return reply
    }

    /// Makes a response of raw bytes, including the head; then the connection is closed.
    static func raw(_ source: @escaping BodySource) -> Reply {
        Reply(body: .stream(length: nil, source), hasHead: false, ending: .close)
    }

    /// Makes a response of raw bytes, including the head; then the connection is closed.
    static func raw(_ text: String) -> Reply {
        Reply(body: .whole(Array(text.utf8)), hasHead: false, ending: .close)
    }

    /// Makes a response without a byte: the connection is closed, is reset, or stays open in silence.
    static func nothing(_ ending: Ending) -> Reply {
        Reply(hasHead: false, ending: ending)
    }
}
