// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc

/// The cookies of a run, which its fetch workers share.
///
/// Before its next task, a worker gets the cookies that other workers or the parent coordinator have
/// changed.
struct RunSession {
    /// The number of stored changes above which the older half of the changes is dropped.
    private static let maxChanges = 20_000

    /// A jar that does not limit the number of cookies of a site.
    ///
    /// The jar does not know when a cookie is sent, so it could not remove the least recently used cookies
    /// first.
    private var jar = CookieJar(PublicSuffixList.system, limitsSites: false)
    private var changes: [(key: Cookie.Key, origin: Int, isRemoval: Bool)] = []
    /// The number of changes that were dropped.
    private var forgotten = 0
    /// For each worker, by `WorkerID.life`: the number of changes up to the last `begin` or `news`.
    ///
    /// The number includes changes that were dropped.
    private var told: [Int: Int] = [:]
    private let clock: () -> Int

    /// Creates a session that starts with `cookies`; `clock` returns seconds since 1970.
    init(_ cookies: [Cookie], clock: @escaping () -> Int = { time(nil) }) {
        self.clock = clock
        for cookie in cookies { jar.add(cookie, at: clock()) }
    }

    /// The cookies that have not expired.
    var cookies: [Cookie] { jar.cookies(at: clock()) }

    /// Stores the cookies that a worker or the parent coordinator has changed.
    ///
    /// `worker` is the worker's `WorkerID.life`, or `nil` for the parent coordinator.
    mutating func take(_ texts: [String], from worker: Int?) {
        let now = clock()
        for cookie in WireCookies.cookies(in: texts) {
            jar.add(cookie, at: now)
            changes.append((cookie.key, worker ?? -1, cookie.isExpired(at: now)))
        }
        guard changes.count > Self.maxChanges else { return }
        forgotten += changes.count / 2
        changes.removeFirst(changes.count / 2)
    }

    /// Returns the cookies for a worker that starts; `worker` is its `WorkerID.life`.
    mutating func begin(_ worker: Int) -> [Cookie] {
        told[worker] = forgotten + changes.count
        return cookies
    }

    /// Returns the changed cookies that a worker does not have yet.
    ///
    /// If some of these changes were dropped, the function returns all cookies.
    mutating func news(for worker: Int) -> [String] {
        let end = forgotten + changes.count
        let known = told[worker] ?? 0
        guard known < end else { return [] }
        told[worker] = end
        guard known >= forgotten else { return WireCookies.texts(of: cookies) }
        var seen: Set<Cookie.Key> = []
        // Each changed cookie is sent once, with its current value. A cookie whose last change
        // came from this worker is not sent.
        let news = changes[(known - forgotten)...].reversed()
            .filter { seen.insert($0.key).inserted && $0.origin != worker }
        // The jar may have removed a cookie for lack of space. Such a cookie is not sent, so the worker's jar
        // keeps its copy.
        let told = news.reversed().filter { $0.isRemoval || jar.holds($0.key) }
        return WireCookies.texts(of: told.map { jar.current($0.key) })
    }

    /// Forgets a worker that has ended.
    mutating func end(_ worker: Int) { told[worker] = nil }
}
