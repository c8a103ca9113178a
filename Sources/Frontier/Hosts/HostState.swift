// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The state of one host, which decides the time of the host's next fetch.
///
/// A host may have a limit for fetches in flight. With a limit, a new host gets one fetch at a time until it
/// has responded. Then each response allows one more fetch, so the number in flight doubles with each round,
/// up to the limit (slow start). A good response over a multiplexed connection allows the whole limit. The
/// slow start ends early if the host asks for a pause.
struct HostState: Sendable {
    /// The permission to begin a fetch of a host.
    enum Permission: Hashable, Sendable {
        case granted
        /// No fetch may begin before this time.
        case at(PoolTime)
        /// No fetch may begin before another fetch has ended.
        case afterAnEnd
    }

    /// The number of fetches in flight.
    private(set) var inFlight = 0
    /// The largest number of fetches in flight, unless `isDead` allows only one.
    private(set) var width: Int
    /// The end of the current or last wait.
    ///
    /// A wait begins when the host asks for a pause, or after missing responses (`HostSilence`).
    private(set) var waitsUntil = PoolTime(nanoseconds: .min)
    /// The number of incidents: pauses that the host has asked for, waits after missing responses, and
    /// decisions to give up the host.
    private(set) var incidents = 0
    /// The account of requests in a row without a response.
    private(set) var silence = HostSilence()

    private let limit: Int
    private let silenceLimits: HostSilence.Limits
    private var hasResponded = false
    private var isStarting: Bool
    private var goodInRow = 0
    private var goodSinceGrowth = 0
    /// The next wait after a refusal without `Retry-After`, or after silence, in nanoseconds.
    private var backOff = BackOff.base
    private var bucket: TokenBucket?

    /// Creates the state of a new host.
    init(_ rules: HostRules, at now: PoolTime) {
        limit = rules.perHost ?? .max
        silenceLimits = rules.silence
        isStarting = rules.perHost != nil
        width = rules.perHost == nil ? .max : 1
        bucket = rules.rate.map { TokenBucket(rate: $0, at: now) }
    }

    /// True if the host gives no response and therefore gets one request at a time.
    var isDead: Bool { silence.isProbed }

    /// Returns `true` if the host is given up now.
    func isGivenUp(at now: PoolTime) -> Bool { silence.isGivenUp(at: now) }

    /// Returns `true` if the host can be forgotten: it has no fetch in flight, and a fetch may begin now.
    ///
    /// If the host is probed or its back-off is above `BackOff.base`, its waits and the time for which it was
    /// given up must have ended at least 60 s ago (`BackOff.cap`).
    func isAtRest(at now: PoolTime) -> Bool {
        guard inFlight == 0, bucket.map({ $0.opens <= now }) ?? true else { return false }
        let opens = max(waitsUntil, silence.givenUpUntil)
        let remembered = backOff == BackOff.base && !isDead ? 0 : BackOff.cap
        return opens.nanoseconds <= now.nanoseconds - remembered
    }

    /// Returns the permission to begin a fetch.
    func permission(at now: PoolTime) -> Permission {
        if inFlight >= (isDead ? 1 : width) { return .afterAnEnd }
        var opens = waitsUntil
        if let bucket { opens = max(opens, bucket.opens) }
        if silence.verdicts > 0 { opens = max(opens, silence.givenUpUntil) }
        return opens <= now ? .granted : .at(opens)
    }

    /// Begins a fetch; returns the number of incidents so far, which the caller passes to `end`.
    mutating func begin(at now: PoolTime) -> Int {
        inFlight += 1
        bucket?.take(at: now)
        silence.resume(at: now)
        return incidents
    }

    /// Notes that a task waits for the host.
    mutating func expect(at now: PoolTime) { silence.resume(at: now) }

    /// Notes that no task of the host waits or is in flight.
    mutating func rest(at now: PoolTime) { silence.pause(at: now) }

    /// Records the end of a fetch; returns `true` if the host is given up now.
    ///
    /// `incident` is the number of incidents at the start of the fetch.
    mutating func end(
        _ end: FetchEnd,
        begunAfter incident: Int,
        at now: PoolTime,
        using random: inout some RandomNumberGenerator
    ) -> Bool {
        inFlight -= 1
        switch end {
        case .good:
            recordResponse()
            recordGoodResponse()
        case .goodMultiplexed:
            recordResponse(isMultiplexed: true)
            recordGoodResponse()
        case .poor:
            recordResponse()
            (goodInRow, goodSinceGrowth) = (0, 0)
        case .refused(let seconds):
            refuse(seconds, begunAfter: incident, at: now, using: &random)
        case .noResponse(let failure): record(failure, begunAfter: incident, at: now)
        case .unknown: break
        }
        return isGivenUp(at: now)
    }

    private mutating func recordResponse(isMultiplexed: Bool = false) {
        recordLife()
        guard isStarting else { return }
        width = isMultiplexed ? limit : min(width + 1, limit)
        isStarting = width < limit
    }

    /// Notes that the host responded.
    private mutating func recordLife() {
        hasResponded = true
        if silence.inRow > 0 { silence = HostSilence() }
    }

    private mutating func recordGoodResponse() {
        goodInRow += 1
        if goodInRow >= BackOff.goodResponses { backOff = BackOff.base }
        guard !isStarting, width < limit else { return }
        goodSinceGrowth += 1
        guard goodSinceGrowth >= width else { return }
        (width, goodSinceGrowth) = (width + 1, 0)
    }

    /// Handles `FetchEnd.refused`.
    ///
    /// A fetch that began before the last incident causes no new incident, but its `Retry-After` can make the
    /// current wait longer.
    private mutating func refuse(
        _ seconds: Double?,
        begunAfter incident: Int,
        at now: PoolTime,
        using random: inout some RandomNumberGenerator
    ) {
        recordLife()
        let named = seconds.map { BackOff.named(seconds: $0, using: &random) }
        if incident == incidents {
            let wait = beginIncident()
            isStarting = false
            // If `width` is unlimited, the new width is half of the number of fetches that were in flight.
            width = max(1, (width == .max ? inFlight + 1 : width) / 2)
            leaveAlone(from: now, for: named ?? wait)
        } else if let named {
            leaveAlone(from: now, for: named)
        }
        (goodInRow, goodSinceGrowth) = (0, 0)
    }

    private mutating func record(_ failure: FetchEnd.NoResponse, begunAfter incident: Int, at now: PoolTime) {
        (goodInRow, goodSinceGrowth) = (0, 0)
        // The wait that the run's own rate causes does not count, unless another request is in flight.
        defer {
            if inFlight == 0, let bucket { silence.leaveOut(from: max(now, waitsUntil), until: bucket.opens) }
        }
        // If the host has ever responded, any failure counts as silence, because the failure is probably
        // temporary.
        let counted = hasResponded ? .silent : failure
        let isFresh = incident == incidents
        let consequence = silence.add(counted, isFresh: isFresh, at: now, silenceLimits)
        guard consequence != .nothing else { return }
        // When the host responds later, it gets a slow start, even if it has no limit.
        (width, isStarting) = (1, limit > 1)
        let own = beginIncident()
        let wait = counted == .silent ? own : BackOff.unreached(waits: Int(silence.waits))
        if consequence == .wait {
            leaveAlone(from: now, for: min(wait, silence.remaining(at: now, silenceLimits)))
        }
    }

    /// Counts an incident; returns the host's back-off in nanoseconds, and doubles the back-off for the next
    /// incident, up to `BackOff.cap`.
    private mutating func beginIncident() -> Int {
        incidents += 1
        defer { backOff = min(backOff * 2, BackOff.cap) }
        return backOff
    }

    private mutating func leaveAlone(from now: PoolTime, for nanoseconds: Int) {
        waitsUntil = max(waitsUntil, PoolTime(nanoseconds: now.nanoseconds + nanoseconds))
    }
}
