// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

/// What is known of one host, and when it may be asked again: limit, slow start, rate, back-off, probes.
///
/// A new host gets one fetch at a time until it has answered; then each answer admits one more, which doubles what is in
/// flight each round, up to the limit. A host that never answers so holds one slot. Pure: times and chance are handed in.
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
    /// Requests in a row that got no answer.
    private(set) var silentInRow = 0

    private let limit: Int
    private var isStarting: Bool
    private var goodInRow = 0
    private var goodSinceGrowth = 0
    /// The host's next wait of its own, in nanoseconds.
    private var backOff = BackOff.base
    /// Whether a silent host was left alone for the longest wait, and the next probe decides.
    private var hasWaitedLongest = false
    private var bucket: TokenBucket?

    /// A host that nobody has asked yet.
    init(_ rules: HostRules, at now: PoolTime) {
        limit = rules.perHost ?? .max
        isStarting = rules.perHost != nil
        width = rules.perHost == nil ? .max : 1
        bucket = rules.rate.map { TokenBucket(rate: $0, at: now) }
    }

    /// Whether the host has gone silent: it gets one probe for each wait.
    var isDead: Bool { silentInRow >= BackOff.silentRequests }

    /// Whether nothing must be remembered of the host: a new one would be asked no earlier and no less carefully.
    ///
    /// A long back-off is remembered for a minute more.
    func isAtRest(at now: PoolTime) -> Bool {
        guard inFlight == 0, !isDead, bucket.map({ $0.opens <= now }) ?? true else { return false }
        return backOff == BackOff.base ? waitsUntil <= now : now - waitsUntil >= BackOff.cap
    }

    /// Whether, or when, a fetch may begin.
    func permission(at now: PoolTime) -> Permission {
        if inFlight >= (isDead ? 1 : width) { return .afterAnEnd }
        let opens = max(waitsUntil, bucket?.opens ?? waitsUntil)
        return opens <= now ? .granted : .at(opens)
    }

    /// Begins a fetch; answers the incidents so far, by which its end is told from those of later ones.
    mutating func begin(at now: PoolTime) -> Int {
        inFlight += 1
        bucket?.take(at: now)
        return incidents
    }

    /// Takes back a fetch that was begun and never sent.
    mutating func takeBack() {
        inFlight -= 1
        bucket?.putBack()
    }

    /// Takes the end of a fetch that began after `incident` incidents; `true` if the host has been silent for so long that
    /// what waits for it is given up.
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
        case .poor:
            heedAnswer()
            (goodInRow, goodSinceGrowth) = (0, 0)
        case .refused(let seconds):
            refuse(seconds, begunAfter: incident, at: now, using: &random)
        case .silent: return heedSilence(begunAfter: incident, at: now)
        case .unknown: break
        }
        return false
    }

    private mutating func heedAnswer() {
        (silentInRow, hasWaitedLongest) = (0, false)
        guard isStarting else { return }
        width = min(width + 1, limit)
        isStarting = width < limit
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
        (silentInRow, hasWaitedLongest) = (0, false)
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

    private mutating func heedSilence(begunAfter incident: Int, at now: PoolTime) -> Bool {
        (goodInRow, goodSinceGrowth) = (0, 0)
        silentInRow += 1
        guard isDead, incident == incidents else { return false }
        let isHopeless = hasWaitedLongest
        let wait = beginIncident()
        hasWaitedLongest = wait == BackOff.cap
        leaveAlone(from: now, for: wait)
        // Whoever comes back from the dead is approached as a new host is.
        (width, isStarting) = (1, limit > 1)
        return isHopeless
    }

    /// Counts an incident; answers how long the host waits where it named no time, in nanoseconds.
    private mutating func beginIncident() -> Int {
        incidents += 1
        defer { backOff = min(backOff * 2, BackOff.cap) }
        return backOff
    }

    private mutating func leaveAlone(from now: PoolTime, for nanoseconds: Int) {
        waitsUntil = max(waitsUntil, PoolTime(nanoseconds: now.nanoseconds + nanoseconds))
    }
}
