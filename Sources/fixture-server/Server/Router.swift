// SPDX-License-Identifier: MIT
// fetchpool

/// A function that makes the response to requests with a given first path segment.
typealias Route = (Request, Site) -> Reply

/// A table that finds the route of a request by the first segment of its path.
///
/// To add a group of routes, add a file in `Routes` with a dictionary of names and functions, and one line
/// in `init`.
struct Router {
    private let routes: [String: Route]
    /// The first segments of the requests that are neither counted nor logged, since these requests report or
    /// reset the counts and the log.
    private static let control: Set<String> = ["stats", "log", "reset-stats"]

    init() {
        let groups: [[String: Route]] = [
            PlainRoutes.all,
            StatusRoutes.all,
            CompressedRoutes.all,
            PageRoutes.all,
            FileRoutes.all,
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

    /// Returns the response of the route; status 404 if there is no route.
    func reply(to request: Request, of site: Site) -> Reply {
        guard let route = routes[request.firstSegment] else {
            return .text("There is nothing at \(request.path).\n", status: 404)
        }
        return route(request, site)
    }

    /// Returns true if a request is neither counted nor logged.
    func isControl(_ request: Request) -> Bool {
        Self.control.contains(request.firstSegment)
    }
}
