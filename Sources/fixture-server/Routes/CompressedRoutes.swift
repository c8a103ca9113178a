// SPDX-License-Identifier: MIT
// fetchpool

/// `/gzip`, `/bomb/MIB` and `/bomb/MIB/dense`: answers that are larger once they are decoded.
enum CompressedRoutes {
    static var all: [String: Route] {
        ["gzip": { _, _ in gzip }, "bomb": { request, _ in bomb(request) }]
    }

    private static var gzip: Reply {
        let json = #"{"ok":true,"text":"This answer was sent as gzip."}"#
        var reply = Reply.content("application/json", Gzip.stored(Array(json.utf8)))
        reply.fields.append(HeaderField(name: "Content-Encoding", value: "gzip"))
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
