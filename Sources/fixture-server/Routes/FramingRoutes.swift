// SPDX-License-Identifier: MIT
// fetchpool

/// The routes `/chunked-bad[/HOW]` and `/length-lies[/HOW]`: bodies with wrong or faulty framing (RFC 9112,
/// sections 6 and 7).
enum FramingRoutes {
    static var all: [String: Route] {
        [
            "chunked-bad": { request, _ in chunkedBad(request) },
            "length-lies": { request, _ in lengthLies(request) },
        ]
    }

    private static func chunkedBad(_ request: Request) -> Reply {
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello"
        return switch request.parameters.first {
        // The size of a chunk is not a number.
        case nil, "size": .raw(head + "\r\nzz\r\nhello\r\n0\r\n\r\n")
        // The size has 68 bits.
        case "huge": .raw(head + "\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n")
        // The chunk is longer than its size.
        case "long": .raw(head + " there\r\n0\r\n\r\n")
        // The connection ends within a chunk.
        case "cut": .raw(head + "\r\nff\r\nhello")
        // The connection ends after a complete chunk, without the last chunk of size 0.
        case "unended": .raw(head + "\r\n")
        default: .usage("/chunked-bad/HOW with size, huge, long, cut or unended")
        }
    }

    private static func lengthLies(_ request: Request) -> Reply {
        let body = String(repeating: "l", count: 500)
        switch request.parameters.first {
        case nil, "larger": return .raw(head("1000") + body)
        case "larger-silent": return silent(after: head("1000") + body)
        case "smaller":
            // The connection stays open, so that the rest of the body appears in place of the next response.
            var reply = Reply.raw(head("100") + body)
            reply.ending = .reusable
            return reply
        case "two": return .raw(head("500\r\nContent-Length: 100") + body)
        case "negative": return .raw(head("-500") + body)
        case "huge": return .raw(head("99999999999999999999") + body)
        default:
            return .usage("/length-lies/HOW with larger, larger-silent, smaller, two, negative or huge")
        }
    }

    private static func head(_ length: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(length)\r\n\r\n"
    }

    /// Sends `text` and nothing else, and keeps the connection open.
    private static func silent(after text: String) -> Reply {
        var waiting = Array(text.utf8)
        return .raw { output in
            output += waiting
            waiting = []
            return .pause(UInt64(SlowRoutes.maxMilliseconds) * 1_000_000)
        }
    }
}
