// SPDX-License-Identifier: MIT
// fetchpool

/// The routes `/flaky/K[/KEY]` and `/flaky-reset/K[/KEY]`, which fail for the first K requests to each path.
///
/// KEY is any text, so each KEY makes another path.
///
/// `/flaky` fails with status 503, and `/flaky-reset` with a connection reset. Later requests succeed.
enum FlakyRoutes {
    static var all: [String: Route] {
        [
            "flaky": { request, site in
                reply(
                    to: request,
                    of: site,
                    failure: .text("Not yet.\n", status: 503),
                    shape: "/flaky/K or /flaky/K/KEY"
                )
            },
            "flaky-reset": { request, site in
                reply(
                    to: request,
                    of: site,
                    failure: .nothing(.reset),
                    shape: "/flaky-reset/K or /flaky-reset/K/KEY"
                )
            },
        ]
    }

    private static func reply(to request: Request, of site: Site, failure: Reply, shape: String) -> Reply {
        guard let failures = request.number(0, upTo: 1_000_000) else { return .usage(shape) }
        let before = site.timesAskedBefore(request)
        return before < failures ? failure : .text("Earlier requests for this path: \(before).\n")
    }
}
