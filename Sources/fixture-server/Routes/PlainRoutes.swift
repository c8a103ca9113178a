// SPDX-License-Identifier: MIT
// fetchpool

/// The routes `/get` and `/bytes/N`, whose responses are correct.
enum PlainRoutes {
    static var all: [String: Route] {
        [
            "get": { _, _ in .content("application/json", getBody) },
            "bytes": { request, _ in bytes(request) },
        ]
    }

    /// A body of exactly 111 bytes, the size of the benchmark's small responses.
    private static let getBody = Array(
        """
        {"ok":true,"server":"fixture-server","text":"A small answer of one hundred and eleven bytes.","numbers":[1,23]}
        """.utf8
    )

    /// 64 KiB in which each byte depends on its index.
    private static let block = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    private static func bytes(_ request: Request) -> Reply {
        guard let count = request.number(0, upTo: 1 << 50) else { return .usage("/bytes/N") }
        var left = count
        let source: BodySource = { output in
            let size = min(left, block.count)
            output.append(contentsOf: block[..<size])
            left -= size
            return left == 0 ? .end : .more
        }
        return Reply(
            fields: [HeaderField(name: "Content-Type", value: "application/octet-stream")],
            body: .stream(length: count, source)
        )
    }
}
