// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform

/// The time in which the proxy of a run cannot be reached, although it worked before.
///
/// The reason is probably a restart of the proxy. All hosts are reached through the proxy, so no fetch begins
/// during a pause. After each pause, one fetch tries the proxy. While any fetch is in flight, the next fetch
/// begins two seconds after the beginning of the previous fetch, or later.
struct ProxyOutage {
    /// The number of fetches of the run that had reached the proxy at the start of the outage.
    let reached: Int
    private let began: PoolTime
    /// The end of the last pause; at first the start of the outage.
    private var opens: PoolTime
    /// The time at which a fetch last began; at first the start of the outage.
    private var probed: PoolTime
    private var pause = Self.firstPause
    /// True once the outage has lasted as long as the run waits for its proxy.
    private(set) var isOver = false

    /// The first and the longest pause, in nanoseconds.
    private static let (firstPause, longestPause) = (100_000_000, 2_000_000_000)

    init(reached: Int, at now: PoolTime) {
        (self.reached, began, opens, probed) = (reached, now, now, now)
    }

    /// Returns the time from which a fetch may begin; `inFlight` is the number of fetches in flight.
    func nextProbe(inFlight: Int) -> PoolTime {
        guard inFlight > 0 else { return opens }
        return max(opens, PoolTime(nanoseconds: probed.nanoseconds + Self.longestPause))
    }

    /// Returns true if a fetch may begin now; always true once `isOver` is true.
    ///
    /// `patience` is the longest time for which the run waits for the proxy, in nanoseconds.
    mutating func allowsProbe(inFlight: Int, at now: PoolTime, patience: Int) -> Bool {
        if now.nanoseconds - began.nanoseconds >= patience { isOver = true }
        return isOver || nextProbe(inFlight: inFlight) <= now
    }

    /// Notes that a fetch begins; the fetch tries the proxy.
    mutating func noteFetch(at now: PoolTime) { probed = now }

    /// Notes that a fetch did not reach the proxy.
    ///
    /// Returns the nanoseconds until the fetch may be tried again; `nil` if the run no longer waits for the
    /// proxy.
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
    /// The next time at which a host or the proxy may let a task begin; `nil` if there is no timer.
    var nextWake: PoolTime? {
        guard let outage, !outage.isOver, outage.reached == fetchesThroughProxy else {
            return frontier.nextWake
        }
        let probe = outage.nextProbe(inFlight: fetchesInFlight)
        return probe > now ? probe : frontier.nextWake
    }

    /// Returns false while the proxy's outage allows no fetch to begin.
    ///
    /// If a fetch has reached the proxy since the start of the outage, the function ends the outage.
    mutating func mayUseProxy() -> Bool {
        guard outage?.reached == fetchesThroughProxy else {
            outage = nil
            return true
        }
        return outage?.allowsProbe(inFlight: fetchesInFlight, at: now, patience: patience) ?? true
    }

    /// Returns the nanoseconds until a failed fetch that did not reach the proxy is tried again.
    ///
    /// The function returns `nil` for any other failure, for a task without a host, and for a task whose host
    /// is given up. It also returns `nil` if no fetch of the run has reached the proxy yet, if the run does
    /// not wait for its proxy, or if `ProxyOutage.isOver` is true.
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
