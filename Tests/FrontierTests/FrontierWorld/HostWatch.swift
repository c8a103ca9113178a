// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

@testable import Frontier

/// A check of the requests that one host gets; it implements the rules for hosts independently of `Frontier`.
struct HostWatch {
    private let rules: HostRules
    /// False if the frontier can forget that the host gave no response.
    private let remembersSilence: Bool
    private var inFlight = 0
    /// The time before which no request may begin, in nanoseconds.
    private var opens = Int.min
    /// The time of the last incident, in nanoseconds.
    ///
    /// An incident is the start of a pause after a refusal or silence, or a decision to give up the host. A
    /// request that began before the last incident causes no new incident.
    private var waitBegan = Int.min
    private var tokens: Double
    private var countedAt = 0
    /// The largest number of requests in flight so far.
    private(set) var most = 0

    /// The number of requests in a row without a response, the last failure, and the number of failures in a
    /// row that are equal to the last failure.
    private var (inRow, last, sameInRow) = (0, FetchEnd.NoResponse.silent, 0)
    /// The end of the first request in a row without a response, and the total length of the ended waits for
    /// the host since that time; both are in nanoseconds.
    ///
    /// The length does not include times in which only the rate keeps the next request back.
    private var (firstFailure, waited) = (0, 0)
    /// The start of the current wait for the host, in nanoseconds; `nil` if there is none.
    ///
    /// A wait begins at the first failure in a row, and ends at a response. A wait also ends when the host
    /// has no lines left. In that case, the next request begins another wait.
    private var waitsSince: Int?
    /// The time before which a host that is given up gets no request, the number of decisions in a row to
    /// give up the host, and the time of the last decision; times are in nanoseconds.
    private var (givenUpUntil, verdicts, givenUpAt) = (Int.min, 0, Int.min)
    private var hasResponded = false
    /// The end of the last time in which only the rate kept a request back, in nanoseconds.
    private var leftOutUntil = Int.min

    init(_ rules: HostRules, remembersSilence: Bool) {
        self.rules = rules
        self.remembersSilence = remembersSilence
        // A new host gets one request at once (`TokenBucket`).
        tokens = 1
    }

    private var patience: Int { Int(rules.patience / .nanoseconds(1)) }

    /// Notes that a request begins.
    mutating func begins(at now: Int) {
        inFlight += 1
        most = max(most, inFlight)
        #expect(inFlight <= rules.perHost ?? .max, "more than --per-host in flight")
        #expect(now >= opens, "a request begins \(opens - now) ns too early")
        #expect(now >= givenUpUntil, "a host that is given up gets a request")
        if remembersSilence, verdicts > 0 || rules.retries > 0 && inRow >= 25 {
            #expect(inFlight == 1, "more than one probe of a silent host")
        }
        if inRow > 0, waitsSince == nil { waitsSince = now }
        guard let rate = rules.rate else { return }
        tokens = min(max(1, rate), tokens + Double(now - countedAt) / 1e9 * rate) - 1
        countedAt = now
        #expect(tokens > -0.001, "more requests than --rate allows")
    }

    /// Notes that a request that began at `begun` ends.
    ///
    /// `isGivenUp` is true if the host is given up now, because of this request or of an earlier request.
    /// `isWanted` is true if a line of the host was read and has not ended.
    mutating func ends(_ reply: WorldHost.Reply, begun: Int, at now: Int, isGivenUp: Bool, isWanted: Bool) {
        inFlight -= 1
        if let failure = reply.noResponse {
            fails(failure, begun, at: now, isGivenUp: isGivenUp)
        } else {
            (inRow, sameInRow, waited, waitsSince, verdicts, givenUpUntil) = (0, 0, 0, nil, 0, .min)
            (hasResponded, leftOutUntil) = (true, .min)
            #expect(!isGivenUp, "a host that responds is given up")
        }
        if !isWanted, inFlight == 0, let since = waitsSince {
            (waited, waitsSince) = (waited + now - since, nil)
        }
        let isRefusal = reply.status == 429 || reply.status == 503
        if isRefusal, let seconds = reply.retryAfter, seconds <= 300 {
            leaveAlone(until: now + Int(seconds * 1e9), from: now, begun)
        } else if isRefusal, begun >= waitBegan {
            // Without an accepted `Retry-After`, the host's back-off applies. It is at least half a second.
            leaveAlone(until: now + 500_000_000, from: now, begun)
        } else if reply.noResponse == .silent, inRow >= 25, rules.retries > 0, remembersSilence, !isGivenUp,
            begun >= waitBegan
        {
            leaveAlone(until: now + min(500_000_000, patience - waitedUntil(now)), from: now, begun)
        }
        if reply.noResponse != nil, inFlight == 0, waitsSince != nil { leaveOutRate(at: now) }
    }

    /// Subtracts from `waited` the time in which only the rate keeps the next request back.
    private mutating func leaveOutRate(at now: Int) {
        guard let rate = rules.rate else { return }
        // A microsecond more than needed makes up for rounding.
        let next = countedAt + Int((1 - tokens) / rate * 1e9) + 1_000
        let start = max(now, opens, leftOutUntil)
        guard next > start else { return }
        waited -= next - start
        leftOutUntil = next
    }

    private func waitedUntil(_ now: Int) -> Int { waited + (waitsSince.map { now - $0 } ?? 0) }

    private mutating func fails(_ failure: FetchEnd.NoResponse, _ begun: Int, at now: Int, isGivenUp: Bool) {
        if inRow == 0 { (firstFailure, waited, waitsSince) = (now, 0, now) }
        sameInRow = failure == last ? sameInRow + 1 : 1
        (inRow, last) = (inRow + 1, failure)
        let isNew = now >= givenUpUntil
        // The total wait for a host has a bound. If the frontier can forget the host, the total wait is not
        // known.
        if remembersSilence, waitedUntil(now) >= patience, verdicts == 0 || begun >= givenUpAt {
            #expect(isGivenUp, "the wait for a host is longer than --host-patience")
        }
        guard isGivenUp, isNew else { return }
        if verdicts == 0 {
            #expect(isHopeless(at: now), "a host is given up after \(inRow) failures: \(failure)")
        }
        verdicts += 1
        givenUpAt = now
        // A host is given up for at least ten seconds.
        givenUpUntil = now + 10_000_000_000
        if begun >= waitBegan { waitBegan = now }
    }

    /// Returns `true` if the frontier may give up the host for the first time since its last response.
    private func isHopeless(at now: Int) -> Bool {
        // When `patience` has passed since the first failure, the host may be given up in any case.
        if now - firstFailure >= patience { return true }
        // Without retries, or for a host that has responded, only the patience counts. The frontier may have
        // forgotten the response if `remembersSilence` is false.
        guard rules.retries > 0, !(hasResponded && remembersSilence) else { return false }
        switch last {
        case .silent: return false
        case .notFound:
            return sameInRow >= 2 && now - firstFailure >= 100_000_000
        case .unconnected:
            return sameInRow >= max(5, rules.retries + 1) && now - firstFailure >= 300_000_000
        }
    }

    /// Notes that a line is not fetched because the host is given up.
    func failsAtOnce(at now: Int) {
        #expect(verdicts > 0, "a line fails although its host was not given up")
        #expect(now < givenUpAt + 300_000_000_000, "a host is given up for more than five minutes")
    }

    private mutating func leaveAlone(until time: Int, from now: Int, _ begun: Int) {
        opens = max(opens, time)
        if begun >= waitBegan { waitBegan = now }
    }
}
