// SPDX-License-Identifier: MIT
// fetchpool

/// What a body source has done when it was asked for more.
enum SourceStep {
    /// Bytes were added, and more follow.
    case more
    /// Bytes were added or not, and the next are to be asked for after so many nanoseconds.
    case pause(UInt64)
    /// The body is complete.
    case end
}

/// Adds the next piece of a body, 64 KiB at most by habit: what it adds is in memory until it is sent.
typealias BodySource = (inout [UInt8]) -> SourceStep

/// What a route wants done with one request.
struct Reply {
    /// What follows the head.
    enum Body {
        case whole([UInt8])
        /// A body made while it is sent; without a length it goes out in chunks.
        case stream(length: Int?, BodySource)
    }

    /// What becomes of the connection after the answer.
    enum Ending {
        /// It takes the next request, if the client wants that too.
        case reusable
        /// It is closed in an orderly way.
        case close
        /// It is reset.
        case reset
        /// It stays open, and nothing is sent.
        case hang
    }

    var status = 200
    var fields: [HeaderField] = []
    var body = Body.whole([])
    /// What `Content-Length` says, where that is not the truth.
    var declaredLength: Int?
    /// False: nothing is sent but the body's bytes.
    var hasHead = true
    var ending = Ending.reusable
    /// Nanoseconds to wait before the answer, besides the server's own latency.
    var delay: UInt64 = 0

    /// An answer with a body of a type.
    static func content(_ type: String, _ bytes: [UInt8], status: Int = 200) -> Reply {
        Reply(status: status, fields: [HeaderField(name: "Content-Type", value: type)], body: .whole(bytes))
    }

    /// A short text.
    static func text(_ text: String, status: Int = 200) -> Reply {
        content("text/plain; charset=utf-8", Array(text.utf8), status: status)
    }

    /// The answer to a path that is known but has a wrong part; `shape` shows the right form.
    static func usage(_ shape: String) -> Reply {
        text("This path has the form \(shape).\n", status: 404)
    }

    /// An answer that says where to go on.
    static func redirect(to location: String, status: Int = 302) -> Reply {
        var reply = Reply.text("See \(location).\n", status: status)
        reply.fields.append(HeaderField(name: "Location", value: location))
        return reply
    }

    /// Bytes that are sent as they are, head included; the connection ends with them.
    static func raw(_ source: @escaping BodySource) -> Reply {
        Reply(body: .stream(length: nil, source), hasHead: false, ending: .close)
    }

    /// Bytes that are sent as they are, head included; the connection ends with them.
    static func raw(_ text: String) -> Reply {
        Reply(body: .whole(Array(text.utf8)), hasHead: false, ending: .close)
    }

    /// No answer: the connection ends without a byte.
    static func nothing(_ ending: Ending) -> Reply {
        Reply(hasHead: false, ending: ending)
    }
}
