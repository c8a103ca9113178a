// SPDX-License-Identifier: MIT
// fetchpool

/// What the routes share: counts, the log, the memory of paths that change, and the page maker.
final class Site {
    var statistics = Statistics()
    var log = RequestLog()
    let pages = PageMaker()
    private let router = Router()
    private var timesAsked: [Substring: Int] = [:]

    /// Answers one request.
    func answer(_ request: Request) -> Reply {
        router.answer(request, self)
    }

    /// How often the path of a request was asked for before; for routes that answer differently each time.
    ///
    /// The query does not count, so that any number of URLs can share one path.
    func timesAskedBefore(_ request: Request) -> Int {
        let before = timesAsked[request.path, default: 0]
        timesAsked[request.path] = before + 1
        return before
    }

    /// Counts and logs a request that arrived at `now` (nanoseconds), and returns its ticket in the log; nil for the paths
    /// that only look at the counts.
    func count(_ request: Request, connection: Int, at now: UInt64) -> Int? {
        guard !router.isControl(request) else { return nil }
        statistics.requestArrived(target: request.target)
        return log.add(request, connection: connection, at: now)
    }

    /// Notes that a counted request is over.
    func end(_ ticket: Int, _ request: Request, at now: UInt64) {
        statistics.requestEnded()
        log.end(ticket, host: request.host, at: now)
    }
}
