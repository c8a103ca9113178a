// SPDX-License-Identifier: MIT
// fetchpool

/// The state shared by the routes: the counts of `/stats`, the log, the folder of files, the page maker, and
/// the number of earlier requests to each path.
final class Site {
    var statistics = Statistics()
    var log = RequestLog()
    let pages = PageMaker()
    /// The folder of `/files/NAME`; nil if no files are served.
    let files: String?
    private let router = Router()
    private var timesAsked: [Substring: Int] = [:]

    /// Makes a site that serves the files of the folder `files`, if one is given.
    init(files: String? = nil) {
        self.files = files
    }

    /// Returns the response to one request.
    func reply(to request: Request) -> Reply {
        router.reply(to: request, of: self)
    }

    /// Returns the number of earlier requests for the path of a request, and counts this request.
    ///
    /// The query is ignored, so URLs that differ only in the query are counted together. `/reset-stats` does
    /// not reset the numbers.
    func timesAskedBefore(_ request: Request) -> Int {
        let before = timesAsked[request.path, default: 0]
        timesAsked[request.path] = before + 1
        return before
    }

    /// Counts and logs a request that arrived at `now` (nanoseconds).
    ///
    /// - Returns: The number of the request in the log, which `end` needs; nil if the request is not counted
    ///   (`Router.isControl`).
    func count(_ request: Request, connection: Int, at now: UInt64) -> Int? {
        guard !router.isControl(request) else { return nil }
        statistics.requestArrived(target: request.target)
        return log.add(request, connection: connection, at: now)
    }

    /// Notes that a counted request has ended.
    func end(_ ticket: Int, _ request: Request, at now: UInt64) {
        statistics.requestEnded()
        log.end(ticket, host: request.host, at: now)
    }
}
