// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The redirects that a transfer has followed, and the time that they took.
struct RedirectChain {
    /// The redirects in their order.
    private(set) var hops: [RedirectHop] = []
    /// The durations of all requests before the last request.
    private(set) var timing = FetchTiming()
    /// The time from the start of the task to the start of the last request, in milliseconds.
    private(set) var elapsed = 0
    /// The time from the start of the task until libcurl got the last request, in microseconds; 0 before the
    /// first redirect.
    private(set) var before = 0
    /// The number of ticks (`TickClock`) for which the client has waited for the end of a redirect's body.
    var ticks = 0
    /// The start of the task, in microseconds of `MonotonicClock`; 0 before the first redirect.
    private var began = 0

    /// Adds a redirect.
    ///
    /// `timing` contains the durations of all requests so far. `elapsed` is the time since the start of the
    /// task in milliseconds.
    mutating func add(_ hop: RedirectHop, timing: FetchTiming, elapsed: Int) {
        if hops.isEmpty { began = Self.now - (timing.total ?? 0) }
        hops.append(hop)
        (self.timing, self.elapsed, ticks) = (timing, elapsed, 0)
    }

    /// Notes that libcurl gets the next request now.
    mutating func noteStart() {
        if !hops.isEmpty { before = Self.now - began }
    }

    private static var now: Int { MonotonicClock.nanoseconds() / 1_000 }
}
