// SPDX-License-Identifier: MIT
// fetchpool

/// The routes `/delay/MS` and `/drip[/N[/MS]]`, whose responses are slow, and `/hang`, which never responds.
enum SlowRoutes {
    static var all: [String: Route] {
        [
            "delay": { request, _ in delay(request) },
            "drip": { request, _ in drip(request) },
            "hang": { _, _ in .nothing(.hang) },
        ]
    }

    /// The longest delay: one day.
    static let maxMilliseconds = 86_400_000

    private static func delay(_ request: Request) -> Reply {
        guard let milliseconds = request.number(0, upTo: maxMilliseconds) else { return .usage("/delay/MS") }
        var reply = Reply.text("Answered after \(milliseconds) ms.\n")
        reply.delay = UInt64(milliseconds) * 1_000_000
        return reply
    }

    private static func drip(_ request: Request) -> Reply {
        guard let count = request.number(0, upTo: 1 << 40, standard: 10),
            let milliseconds = request.number(1, upTo: maxMilliseconds, standard: 100)
        else { return .usage("/drip/N/MS") }
        var left = count
        let source: BodySource = { output in
            if left > 0 { output.append(UInt8(ascii: ".")) }
            left -= 1
            return left > 0 ? .pause(UInt64(milliseconds) * 1_000_000) : .end
        }
        return Reply(
            fields: [HeaderField(name: "Content-Type", value: "text/plain")],
            body: .stream(length: count, source)
        )
    }
}
