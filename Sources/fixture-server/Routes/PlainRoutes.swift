// SPDX-License-Identifier: MIT
// fetchpool

/// `/get` and `/bytes/N`: answers that behave.
enum PlainRoutes {
    static var all: [String: Route] {
        [
            "get": { _, _ in .content("application/json", getBody) },
            "bytes": { request, _ in bytes(request) },
        ]
    }

    /// Exactly 111 bytes, the size that the benchmark's small answers have.
    private static let getBody = Array(
        """
        {"ok":true,"server":"fixture-server","text":"A small answer of one hundred and eleven bytes.","numbers":[1,23]}
        """.utf8
    )

    /// 64 KiB in which each byte follows from its place.
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
