// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform

/// The time in which the proxy of a run cannot be reached, although it worked before: a restart, probably.
///
/// All hosts are reached through the proxy, so no fetch begins during a pause. After each pause, one fetch at
/// a time tries the proxy.
struct ProxyOutage {
    /// The number of fetches of the run that had reached the proxy at the start of the outage.
    let reached: Int
    private let began: PoolTime
    /// The end of the last pause.
    private(set) var opens: PoolTime
    private var pause = Self.firstPause
    /// True once the outage has lasted longer than the run waits.
    private(set) var isOver = false

    /// The first and the longest pause, in nanoseconds.
    private static let (firstPause, longestPause) = (100_000_000, 2_000_000_000)

    init(reached: Int, at now: PoolTime) {
        (self.reached, began, opens) = (reached, now, now)
    }

    /// Notes that a fetch did not reach the proxy.
    ///
    /// Returns the nanoseconds until the fetch may be tried again; `nil` if the run waits no longer.
    mutating func noteFailure(at now: PoolTime, patience: Int) -> Int? {
        isOver = isOver || now.nanoseconds - began.nanoseconds >= patience
        guard !isOver else { return nil }
        if opens <= now {
            opens = PoolTime(nanoseconds: now.nanoseconds + pause)
            pause = min(pause * 2, Self.longestPause)
        }
        return opens.nanoseconds - now.nanoseconds
    }
}

extension RunState {
    /// Returns false while the proxy's outage allows no fetch to begin.
    mutating func mayUseProxy() -> Bool {
        guard let outage, !outage.isOver else { return true }
        guard outage.reached == fetchesThroughProxy else {
            self.outage = nil
            return true
        }
        return fetchesInFlight == 0 && outage.opens <= now
    }

    /// Returns the nanoseconds until a failed fetch is tried again because it did not reach the proxy; `nil`
    /// for other failures, and if the run does not wait for the proxy.
    mutating func waitForProxy(_ item: RunItem, _ error: TaskError, at now: PoolTime) -> Int? {
        guard error.isOfLostProxy, waitsForProxy, item.ticket.host != 0,
            !frontier.isGivenUp(item.ticket.host, at: now)
        else { return nil }
        let reached = fetchesThroughProxy
        if outage?.reached != reached {
            guard reached > 0 else { return nil }
            outage = ProxyOutage(reached: reached, at: now)
        }
        return outage?.noteFailure(at: now, patience: patience)
    }

    private var fetchesThroughProxy: Int { sink.summary.connections.opened + sink.summary.connections.reused }
}
