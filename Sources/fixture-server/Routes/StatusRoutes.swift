// SPDX-License-Identifier: MIT
// fetchpool

/// The routes `/status/N`, `/redirect/N`, `/redirect/loop` and `/redirect-to`.
enum StatusRoutes {
    static var all: [String: Route] {
        [
            "status": { request, _ in status(request) },
            "redirect": { request, _ in redirect(request) },
            "redirect-to": { request, _ in redirectTo(request) },
        ]
    }

    private static func status(_ request: Request) -> Reply {
        guard let status = request.number(0, upTo: 599), status >= 200 else {
            return .usage("/status/N with N from 200 to 599")
        }
        return .text("This is status \(status).\n", status: status)
    }

    private static func redirect(_ request: Request) -> Reply {
        if request.parameters.first == "loop" { return .redirect(to: "/redirect/loop") }
        guard let left = request.number(0, upTo: 1_000_000) else {
            return .usage("/redirect/N with N from 0 to 1000000, or /redirect/loop")
        }
        // The location is relative, so clients must resolve it against the URL of the request.
        return .redirect(to: left == 0 ? "/get" : "/redirect/\(left - 1)")
    }

    /// Redirects to the value of `url` in the query; the value of `status` is the status, from 300 to 399, by
    /// default 302.
    ///
    /// The status decides the method of the client's next request: 307 and 308 keep POST, and 303 changes
    /// POST to GET. After 301 and 302, a client may keep POST or change POST to GET (RFC 9110, 15.4).
    private static func redirectTo(_ request: Request) -> Reply {
        guard let url = request.query("url"), let status = Int(request.query("status") ?? "302"),
            (300...399).contains(status)
        else {
            return .usage(
                "/redirect-to?url=URL[&status=N] with a percent-encoded URL and N from 300 to 399"
            )
        }
        return .redirect(to: url, status: status)
    }
}
