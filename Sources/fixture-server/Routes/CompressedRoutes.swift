// SPDX-License-Identifier: MIT
// fetchpool

/// The routes `/gzip[/HOW]` and `/bomb[/MIB[/dense]]`: responses in gzip that are correct, faulty, or very
/// large when decoded.
enum CompressedRoutes {
    static var all: [String: Route] {
        ["gzip": { request, _ in gzip(request) }, "bomb": { request, _ in bomb(request) }]
    }

    private static func gzip(_ request: Request) -> Reply {
        var bytes = Gzip.stored(Array(#"{"ok":true,"text":"This answer was sent as gzip."}"#.utf8))
        var encoding = "gzip"
        switch request.parameters.first {
        case nil: break
        // The body is not gzip at all.
        case "plain": bytes = Array("This is no gzip.\n".utf8)
        // The body has its announced length, but the gzip data end too early.
        case "cut": bytes.removeLast(bytes.count / 2)
        // The checksum is wrong.
        case "damaged": bytes[bytes.count - 8] ^= 1
        // The coding is unknown.
        case "unknown": encoding = "fixture"
        default: return .usage("/gzip or /gzip/HOW with plain, cut, damaged or unknown")
        }
        var reply = Reply.content("application/json", bytes)
        reply.fields.append(HeaderField(name: "Content-Encoding", value: encoding))
        return reply
    }

    private static func bomb(_ request: Request) -> Reply {
        guard let mebibytes = request.number(0, upTo: 1 << 20, standard: 1024),
            request.parameters.count < 2 || request.parameters[1] == "dense"
        else { return .usage("/bomb/MIB or /bomb/MIB/dense with at most 1048576 MiB") }
        let isDense = request.parameters.count > 1
        var zeros = GzipOfZeros(count: mebibytes << 20, code: isDense ? .shortest : .fixed)
        return Reply(
            fields: [
                HeaderField(name: "Content-Type", value: "text/html; charset=utf-8"),
                HeaderField(name: "Content-Encoding", value: "gzip"),
            ],
            body: .stream(length: nil) { output in zeros.appendNext(to: &output) ? .more : .end }
        )
    }
}
