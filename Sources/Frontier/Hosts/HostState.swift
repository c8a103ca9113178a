// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// What is known of one host, and when it may be asked again: limit, slow start, rate, back-off, probes.
///
/// A new host gets one fetch at a time until it has answered; then each answer admits one more, which doubles what is in
/// flight each round, up to the limit. A host that never answers so holds one slot. One that answers over HTTP/2 has the whole limit
/// at once: the fetches share a connection. Pure: times and chance are handed in.
struct HostState: Sendable {
    /// Whether a fetch may begin now.
    enum Permission: Hashable, Sendable {
        case granted
        /// Not before this time.
        case at(PoolTime)
        /// Not before another fetch has ended.
        case afterAnEnd
    }

    /// Fetches in flight.
    private(set) var inFlight = 0
    /// The most that may be in flight.
    private(set) var width: Int
    /// The host asked to be left alone, or was silent, until this time.
    private(set) var waitsUntil = PoolTime(nanoseconds: .min)
    /// Times that the host asked to be left alone, or a probe of it failed.
    private(set) var incidents = 0
    /// The requests in a row that got no answer.
    private(set) var silence = HostSilence()

    private let limit: Int
    private let silenceLimits: HostSilence.Limits
    private var hasAnswered = false
    private var isStarting: Bool
    private var goodInRow = 0
    private var goodSinceGrowth = 0
    /// The host's next wait of its own, in nanoseconds.
    private var backOff = BackOff.base
    private var bucket: TokenBucket?

    /// A host that nobody has asked yet.
    init(_ rules: HostRules, at now: PoolTime) {
        limit = rules.perHost ?? .max
        silenceLimits = rules.silence
        isStarting = rules.perHost != nil
        width = rules.perHost == nil ? .max : 1
        bucket = rules.rate.map { TokenBucket(rate: $0, at: now) }
    }

    /// True if the host gives no answer, and gets one request at a time.
    var isDead: Bool { silence.isProbed }

    /// True if the host is given up now: what waits for it is not fetched.
    func isGivenUp(at now: PoolTime) -> Bool { silence.isGivenUp(at: now) }

    /// Whether the host can be forgotten: a new entry would behave the same.
    ///
    /// A long back-off, and that there was no answer, is remembered for a minute more.
    func isAtRest(at now: PoolTime) -> Bool {
        guard inFlight == 0, bucket.map({ $0.opens <= now }) ?? true else { return false }
        let opens = max(waitsUntil, silence.givenUpUntil)
        let remembered = backOff == BackOff.base && !isDead ? 0 : BackOff.cap
        return opens.nanoseconds <= now.nanoseconds - remembered
    }

    /// Whether, or when, a fetch may begin.
    func permission(at now: PoolTime) -> Permission {
        if inFlight >= (isDead ? 1 : width) { return .afterAnEnd }
        var opens = waitsUntil
        if let bucket { opens = max(opens, bucket.opens) }
        if silence.verdicts > 0 { opens = max(opens, silence.givenUpUntil) }
        return opens <= now ? .granted : .at(opens)
    }

    /// Begins a fetch; returns the incidents so far, by which its end is told from those of later ones.
    mutating func begin(at now: PoolTime) -> Int {
        inFlight += 1
        bucket?.take(at: now)
        silence.resume(at: now)
        return incidents
    }

    /// Notes that something waits for the host.
    mutating func expect(at now: PoolTime) { silence.resume(at: now) }

    /// Notes that nothing waits for the host or is in flight.
    mutating func rest(at now: PoolTime) { silence.pause(at: now) }

    /// Takes the end of a fetch that began after `incident` incidents; `true` if the host is given up now, so that nothing may wait for it.
    mutating func end(
        _ end: FetchEnd,
        begunAfter incident: Int,
        at now: PoolTime,
        using random: inout some RandomNumberGenerator
    ) -> Bool {
        inFlight -= 1
        switch end {
        case .good:
            heedAnswer()
            heedGoodAnswer()
        case .goodMultiplexed:
            heedAnswer(isMultiplexed: true)
            heedGoodAnswer()
        case .poor:
            heedAnswer()
            (goodInRow, goodSinceGrowth) = (0, 0)
        case .refused(let seconds):
            refuse(seconds, begunAfter: incident, at: now, using: &random)
        case .unanswered(let failure): heed(failure, begunAfter: incident, at: now)
        case .unknown: break
        }
        return isGivenUp(at: now)
    }

    private mutating func heedAnswer(isMultiplexed: Bool = false) {
        heedLife()
        guard isStarting else { return }
        width = isMultiplexed ? limit : min(width + 1, limit)
        isStarting = width < limit
    }

    /// Somebody is there.
    private mutating func heedLife() {
        hasAnswered = true
        if silence.inRow > 0 { silence = HostSilence() }
    }

    private mutating func heedGoodAnswer() {
        goodInRow += 1
        if goodInRow >= BackOff.goodAnswers { backOff = BackOff.base }
        guard !isStarting, width < limit else { return }
        goodSinceGrowth += 1
        guard goodSinceGrowth >= width else { return }
        (width, goodSinceGrowth) = (width + 1, 0)
    }

    /// What was out already when a wait began belongs to that incident; a later time that it names is kept all the same.
    private mutating func refuse(
        _ seconds: Double?,
        begunAfter incident: Int,
        at now: PoolTime,
        using random: inout some RandomNumberGenerator
    ) {
        heedLife()
        let named = seconds.map { BackOff.named(seconds: $0, using: &random) }
        if incident == incidents {
            let wait = beginIncident()
            isStarting = false
            // Without a limit, what was in flight is what was too much.
            width = max(1, (width == .max ? inFlight + 1 : width) / 2)
            leaveAlone(from: now, for: named ?? wait)
        } else if let named {
            leaveAlone(from: now, for: named)
        }
        (goodInRow, goodSinceGrowth) = (0, 0)
    }

    private mutating func heed(_ failure: FetchEnd.Unanswered, begunAfter incident: Int, at now: PoolTime) {
        (goodInRow, goodSinceGrowth) = (0, 0)
        // A host that was there before is not gone: it is begun anew, or whoever looks up its name is in trouble. Both pass.
        let heeded = hasAnswered ? .silent : failure
        let isFresh = incident == incidents
        let consequence = silence.add(heeded, isFresh: isFresh, at: now, silenceLimits)
        guard consequence != .nothing else { return }
        // Whoever comes back from the dead is approached as a new host is.
        (width, isStarting) = (1, limit > 1)
        let own = beginIncident()
        let wait = heeded == .silent ? own : BackOff.unreached(waits: Int(silence.waits))
        if consequence == .wait {
            leaveAlone(from: now, for: min(wait, silence.remaining(at: now, silenceLimits)))
        }
    }

    /// Counts an incident; returns how long the host waits where it named no time, in nanoseconds.
    private mutating func beginIncident() -> Int {
        incidents += 1
        defer { backOff = min(backOff * 2, BackOff.cap) }
        return backOff
    }

    private mutating func leaveAlone(from now: PoolTime, for nanoseconds: Int) {
        waitsUntil = max(waitsUntil, PoolTime(nanoseconds: now.nanoseconds + nanoseconds))
    }
}
