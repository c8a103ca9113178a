// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun

/// What one host sees of a run, held against the rules by a reckoning of its own.
struct HostWatch {
    private let rules: HostRules
    private let remembersSilence: Bool
    private var inFlight = 0
    /// Requests must not begin before this, in nanoseconds.
    private var opens = Int.min
    private var silentInRow = 0
    /// When the last wait began; requests that began before belong to what it is for.
    private var waitBegan = Int.min
    private var tokens: Double
    private var countedAt = 0
    private(set) var most = 0

    init(_ rules: HostRules, remembersSilence: Bool) {
        (self.rules, self.remembersSilence) = (rules, remembersSilence)
        tokens = max(1, rules.rate ?? 0)
    }

    /// A request begins.
    mutating func begins(at now: Int) {
        inFlight += 1
        most = max(most, inFlight)
        #expect(inFlight <= rules.perHost ?? .max, "more than --per-host in flight")
        #expect(now >= opens, "asked \(opens - now) ns too early")
        if silentInRow >= 25 { #expect(inFlight == 1, "more than one probe of a silent host") }
        guard let rate = rules.rate else { return }
        tokens = min(max(1, rate), tokens + Double(now - countedAt) / 1e9 * rate) - 1
        countedAt = now
        #expect(tokens > -0.001, "faster than --rate")
    }

    /// A request that began at `begun` ends.
    mutating func ends(_ reply: WorldHost.Reply, begun: Int, at now: Int) {
        inFlight -= 1
        silentInRow = reply.isSilent && remembersSilence ? silentInRow + 1 : 0
        let isRefusal = reply.status == 429 || reply.status == 503
        if isRefusal, let seconds = reply.retryAfter, seconds <= 300 {
            leaveAlone(until: now + Int(seconds * 1e9), from: now, begun)
        } else if isRefusal || silentInRow >= 25, begun >= waitBegan {
            // Its own back-off is half a second at least.
            leaveAlone(until: now + 500_000_000, from: now, begun)
        }
    }

    private mutating func leaveAlone(until time: Int, from now: Int, _ begun: Int) {
        opens = max(opens, time)
        if begun >= waitBegan { waitBegan = now }
    }
}
