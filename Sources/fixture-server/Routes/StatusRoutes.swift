// SPDX-License-Identifier: MIT
// fetchpool

/// `/status/N` and `/redirect/N`.
enum StatusRoutes {
    static var all: [String: Route] {
        ["status": { request, _ in status(request) }, "redirect": { request, _ in redirect(request) }]
    }

    private static func status(_ request: Request) -> Reply {
        guard let status = request.number(0, upTo: 599), status >= 200 else {
            return .usage("/status/N with N from 200 to 599")
        }
        return .text("This is status \(status).\n", status: status)
    }

    private static func redirect(_ request: Request) -> Reply {
        var location = "loop"
        if request.parameters.first != "loop" {
            guard let left = request.number(0, upTo: 1_000_000) else {
                return .usage("/redirect/N or /redirect/loop")
            }
            // Relative on purpose: clients must resolve it against the URL they asked for.
            location = left == 0 ? "/get" : "/redirect/\(left - 1)"
        } else {
            location = "/redirect/loop"
        }
        var reply = Reply.text("See \(location).\n", status: 302)
        reply.fields.append(HeaderField(name: "Location", value: location))
        return reply
    }
}
