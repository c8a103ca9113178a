// SPDX-License-Identifier: MIT
// fetchpool

/// Routes whose responses are missing, faulty or endless.
enum BrokenRoutes {
    static var all: [String: Route] {
        [
            "reset": { _, _ in .nothing(.reset) },
            "empty": { _, _ in .nothing(.close) },
            "garbage": { _, _ in garbage },
            "truncate": { request, _ in truncate(request) },
            "endless": { _, _ in endless },
            "close-after-reuse": { request, _ in closeAfterReuse(request) },
        ]
    }

    private static var garbage: Reply {
        .raw("%&/ this is not HTTP \u{0}\u{1}\u{2}\r\nnor is this\r\n\r\n")
    }

    private static func truncate(_ request: Request) -> Reply {
        // The response ends within the second line of the head.
        if request.parameters.first == "head" { return .raw("HTTP/1.1 200 OK\r\nContent-Ty") }
        var reply = Reply.content("text/plain", Array(repeating: UInt8(ascii: "t"), count: 500))
        reply.declaredLength = 1000
        reply.ending = .close
        return reply
    }

    private static let endlessPiece = Array(String(repeating: "This never ends.\n", count: 1024).utf8)

    private static var endless: Reply {
        let source: BodySource = { output in
            output += endlessPiece
            return .more
        }
        return Reply(
            fields: [HeaderField(name: "Content-Type", value: "text/plain")],
            body: .stream(length: nil, source)
        )
    }

    /// Responds to the first request of a connection; closes the connection on a later request, like a server
    /// whose idle timer fires at that moment.
    private static func closeAfterReuse(_ request: Request) -> Reply {
        request.ordinal == 1 ? .text("Use this connection again.\n") : .nothing(.close)
    }
}
