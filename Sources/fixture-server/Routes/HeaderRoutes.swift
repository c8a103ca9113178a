// SPDX-License-Identifier: MIT
// fetchpool

/// The routes `/headers/…` and `/slow-headers[/N[/MS]]`: heads that are very long or very slow.
///
/// `/headers/N[/BYTES]` gives N additional fields, each with a value of BYTES bytes.
/// `/headers/endless[/BYTES]` gives an endless number of such fields. `/headers/endless-line[/BYTES]` gives
/// one field with an endless value.
///
/// `/slow-headers` gives N fields, and pauses for MS milliseconds after each field.
enum HeaderRoutes {
    static var all: [String: Route] {
        [
            "headers": { request, _ in headers(request) },
            "slow-headers": { request, _ in slowHeaders(request) },
        ]
    }

    /// The largest size of one value, and of all values of a head that is not endless, in bytes.
    private static let (maxValueBytes, maxHeadBytes) = (1 << 20, 1 << 25)
    private static let statusLine = "HTTP/1.1 200 OK\r\n"

    private static func headers(_ request: Request) -> Reply {
        let shape =
            "/headers/N/BYTES, or /headers/endless, or /headers/endless-line; BYTES is at most 1 MiB, and N times BYTES at most 32 MiB"
        guard let bytes = request.number(1, upTo: maxValueBytes, standard: 100) else { return .usage(shape) }
        let value = String(repeating: "h", count: bytes)
        switch request.parameters.first {
        case "endless": return endless(Array("X-Line: \(value)\r\n".utf8))
        case "endless-line": return endless(Array(value.utf8), opening: "X-Line: ")
        default:
            guard let count = request.number(0, upTo: maxHeadBytes), count * max(bytes, 1) <= maxHeadBytes
            else {
                return .usage(shape)
            }
            var reply = Reply.text("This answer has \(count) lines of header more than others.\n")
            reply.fields += (0..<count).map { HeaderField(name: "X-Line-\($0)", value: value) }
            return reply
        }
    }

    /// Makes a head without an end: the status line, `opening`, and then `piece` again and again.
    private static func endless(_ piece: [UInt8], opening: String = "") -> Reply {
        var beginning = Array((statusLine + opening).utf8)
        // An empty piece would make this server loop without sending anything.
        let pieces = piece.isEmpty ? [0x68] : piece
        return .raw { output in
            output += beginning
            beginning = []
            while output.count < 32_768 { output += pieces }
            return .more
        }
    }

    private static func slowHeaders(_ request: Request) -> Reply {
        guard let count = request.number(0, upTo: 1 << 40, standard: 1000),
            let milliseconds = request.number(1, upTo: SlowRoutes.maxMilliseconds, standard: 100)
        else { return .usage("/slow-headers/N/MS") }
        var sent = 0
        return .raw { output in
            if sent == 0 { output += statusLine.utf8 }
            guard sent < count else {
                output += "Content-Length: 5\r\nConnection: close\r\n\r\nslow\n".utf8
                return .end
            }
            sent += 1
            output += "X-Line: \(sent)\r\n".utf8
            return .pause(UInt64(milliseconds) * 1_000_000)
        }
    }
}
