// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc

/// The cookies of a run's session, as its fetch workers hand them over.
///
/// Each worker is told what the others have changed, in front of its next task, so that also a cookie that a
/// redirect to another site has set is there when that site's tasks begin.
struct RunSession {
    /// The changes that are remembered for workers which have not been told; those that lag behind by more
    /// are told all.
    private static let maxChanges = 20_000

    private var jar = CookieJar()
    private var changes: [(key: Cookie.Key, origin: Int)] = []
    /// The number of changes before the first that is remembered.
    private var forgotten = 0
    /// The number of changes that each worker has been told, by its life.
    private var told: [Int: Int] = [:]
    private let clock: () -> Int

    /// Begins with cookies that were kept before; `clock` tells seconds since 1970.
    init(_ cookies: [Cookie], clock: @escaping () -> Int = { time(nil) }) {
        self.clock = clock
        for cookie in cookies { jar.add(cookie, at: clock()) }
    }

    /// The cookies that have not expired.
    var cookies: [Cookie] { jar.cookies(at: clock()) }

    /// Takes what a worker has changed; `nil` stands for a parent coordinator.
    mutating func take(_ texts: [String], from worker: Int?) {
        let now = clock()
        for cookie in WireCookies.cookies(in: texts) {
            jar.add(cookie, at: now)
            changes.append((cookie.key, worker ?? -1))
        }
        guard changes.count > Self.maxChanges else { return }
        forgotten += changes.count / 2
        changes.removeFirst(changes.count / 2)
    }

    /// The cookies for a worker that begins.
    mutating func begin(_ worker: Int) -> [Cookie] {
        told[worker] = forgotten + changes.count
        return cookies
    }

    /// The changes by others that a worker has not been told yet.
    mutating func news(for worker: Int) -> [String] {
        let end = forgotten + changes.count
        let known = told[worker] ?? 0
        guard known < end else { return [] }
        told[worker] = end
        guard known >= forgotten else { return WireCookies.texts(of: cookies) }
        var seen: Set<Cookie.Key> = []
        // Each cookie goes once, as it is now, so that a line is no longer than the jar. What the worker
        // itself has changed last is no news.
        let news = changes[(known - forgotten)...].reversed()
            .filter { seen.insert($0.key).inserted && $0.origin != worker }
        return WireCookies.texts(of: news.reversed().map { jar.current($0.key) })
    }

    /// Forgets a worker that has ended.
    mutating func end(_ worker: Int) { told[worker] = nil }
}
