// SPDX-License-Identifier: MIT
// fetchpool

/// Answers a request under one first path segment.
typealias Route = (Request, Site) -> Reply

/// Finds the route of a request by the first segment of its path.
///
/// A new group of routes is one file in `Routes` with an array of names and functions, and one line here.
struct Router {
    private let routes: [String: Route]
    /// The paths that `/stats` and `/log` do not count: they look at the counts or clear them.
    private static let control: Set<String> = ["stats", "log", "reset-stats"]

    init() {
        let groups: [[String: Route]] = [
            PlainRoutes.all,
            StatusRoutes.all,
            CompressedRoutes.all,
            PageRoutes.all,
            TextRoutes.all,
            FlakyRoutes.all,
            RetryRoutes.all,
            CookieRoutes.all,
            HeaderRoutes.all,
            FramingRoutes.all,
            SlowRoutes.all,
            BrokenRoutes.all,
            EchoRoutes.all,
            ControlRoutes.all,
        ]
        routes = groups.reduce(into: [:]) { all, group in
            all.merge(group) { _, _ in preconditionFailure("two routes have the same first segment") }
        }
    }

    /// The answer of the route, or 404.
    func answer(_ request: Request, _ site: Site) -> Reply {
        guard let route = routes[request.firstSegment] else {
            return .text("There is nothing at \(request.path).\n", status: 404)
        }
        return route(request, site)
    }

    /// Whether a request is one of those that are not counted.
    func isControl(_ request: Request) -> Bool {
        Self.control.contains(request.firstSegment)
    }
}
