// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

@testable import Frontier

/// What one host sees of a run, held against the rules by a reckoning of its own.
struct HostWatch {
    private let rules: HostRules
    private let remembersSilence: Bool
    private var inFlight = 0
    /// Requests must not begin before this, in nanoseconds.
    private var opens = Int.min
    /// When the last wait began; requests that began before belong to what it is for.
    private var waitBegan = Int.min
    private var tokens: Double
    private var countedAt = 0
    private(set) var most = 0

    /// Requests in a row without an answer, how the last of them failed, and how many failed the same way.
    private var (inRow, last, sameInRow) = (0, FetchEnd.Unanswered.silent, 0)
    /// The time at which the first of them ended, and for how long anything has waited for the host since then.
    private var (firstFailure, waited) = (0, 0)
    /// From when on something has waited; `nil` while nothing does.
    private var waitsSince: Int?
    /// Until when the host is given up, how often in a row it was, and when it was last.
    private var (givenUpUntil, verdicts, givenUpAt) = (Int.min, 0, Int.min)
    private var hasAnswered = false

    init(_ rules: HostRules, remembersSilence: Bool) {
        self.rules = rules
        self.remembersSilence = remembersSilence
        tokens = max(1, rules.rate ?? 0)
    }

    private var patience: Int { Int(rules.patience / .nanoseconds(1)) }

    /// A request begins.
    mutating func begins(at now: Int) {
        inFlight += 1
        most = max(most, inFlight)
        #expect(inFlight <= rules.perHost ?? .max, "more than --per-host in flight")
        #expect(now >= opens, "asked \(opens - now) ns too early")
        #expect(now >= givenUpUntil, "a host is asked that is given up")
        if verdicts > 0 || rules.retries > 0 && inRow >= 25 && remembersSilence {
            #expect(inFlight == 1, "more than one probe of a silent host")
        }
        if inRow > 0, waitsSince == nil { waitsSince = now }
        guard let rate = rules.rate else { return }
        tokens = min(max(1, rate), tokens + Double(now - countedAt) / 1e9 * rate) - 1
        countedAt = now
        #expect(tokens > -0.001, "faster than --rate")
    }

    /// A request that began at `begun` ends; `isGivenUp` is the verdict, `isWanted` whether more waits for the host.
    mutating func ends(_ reply: WorldHost.Reply, begun: Int, at now: Int, isGivenUp: Bool, isWanted: Bool) {
        inFlight -= 1
        if let failure = reply.unanswered {
            fails(failure, begun, at: now, isGivenUp: isGivenUp)
        } else {
            (inRow, sameInRow, waited, waitsSince, verdicts, givenUpUntil) = (0, 0, 0, nil, 0, .min)
            hasAnswered = true
            #expect(!isGivenUp, "a host that answers is given up")
        }
        if !isWanted, inFlight == 0, let since = waitsSince {
            (waited, waitsSince) = (waited + now - since, nil)
        }
        let isRefusal = reply.status == 429 || reply.status == 503
        if isRefusal, let seconds = reply.retryAfter, seconds <= 300 {
            leaveAlone(until: now + Int(seconds * 1e9), from: now, begun)
        } else if isRefusal, begun >= waitBegan {
            // Its own back-off is half a second at least.
            leaveAlone(until: now + 500_000_000, from: now, begun)
        } else if reply.unanswered == .silent, inRow >= 25, rules.retries > 0, remembersSilence, !isGivenUp,
            begun >= waitBegan
        {
            leaveAlone(until: now + min(500_000_000, patience - waitedUntil(now)), from: now, begun)
        }
    }

    private func waitedUntil(_ now: Int) -> Int { waited + (waitsSince.map { now - $0 } ?? 0) }

    private mutating func fails(_ failure: FetchEnd.Unanswered, _ begun: Int, at now: Int, isGivenUp: Bool) {
        if inRow == 0 { (firstFailure, waited, waitsSince) = (now, 0, now) }
        sameInRow = failure == last ? sameInRow + 1 : 1
        (inRow, last) = (inRow + 1, failure)
        let isNew = now >= givenUpUntil
        // All waiting has this bound; what is forgotten cannot be counted.
        if remembersSilence, waitedUntil(now) >= patience, verdicts == 0 || begun >= givenUpAt {
            #expect(isGivenUp, "a host is waited for longer than --host-patience")
        }
        guard isGivenUp, isNew else { return }
        if verdicts == 0 {
            #expect(isHopeless(at: now), "a host is given up after \(inRow) failures: \(failure)")
        }
        verdicts += 1
        givenUpAt = now
        // At first ten seconds; whoever forgets a host begins anew.
        givenUpUntil = now + 10_000_000_000
        if begun >= waitBegan { waitBegan = now }
    }

    /// True if so many failures, over so much time, are enough.
    private func isHopeless(at now: Int) -> Bool {
        // A host that is forgotten is waited for no longer than this reckons.
        if now - firstFailure >= patience { return true }
        // Whoever answered before may be begun anew.
        guard rules.retries > 0, !(hasAnswered && remembersSilence) else { return false }
        switch last {
        case .silent: return false
        case .notFound:
            return sameInRow >= 2 && now - firstFailure >= 100_000_000 && !(hasAnswered && remembersSilence)
        case .unconnected:
            return sameInRow >= max(5, rules.retries + 1) && now - firstFailure >= 300_000_000
        }
    }

    /// A line is not fetched since the host is given up.
    func failsAtOnce(at now: Int) {
        #expect(verdicts > 0, "a line fails though its host was not given up")
        #expect(now < givenUpAt + 300_000_000_000, "a host is given up for longer than ever")
    }

    private mutating func leaveAlone(until time: Int, from now: Int, _ begun: Int) {
        opens = max(opens, time)
        if begun >= waitBegan { waitBegan = now }
    }
}
