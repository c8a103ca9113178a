// SPDX-License-Identifier: MIT
// fetchpool

/// What the routes share: counts, the memory of flaky paths, and the page maker.
final class Site {
    var statistics = Statistics()
    /// How often each flaky path was asked for.
    var flakyCounts: [String: Int] = [:]
    let pages = PageMaker()
    private let router = Router()

    /// Answers one request.
    func answer(_ request: Request) -> Reply {
        router.answer(request, self)
    }

    /// Counts a request that arrived at `now` (nanoseconds); false for the paths that only look at the counts.
    func count(_ request: Request, at now: UInt64) -> Bool {
        guard !router.isControl(request) else { return false }
        statistics.requestArrived(method: request.method, target: request.target, at: now)
        return true
    }
}
