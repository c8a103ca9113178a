// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

/// The requests in a row to which one host gave no answer, and what follows from them: waits, then that the host is given up.
///
/// A name that is not found is given up at its second failure, after one wait. A host to which no connection can be made is given up after some failures
/// across two waits. A host that is silent is probed. All waiting for a host ends with the run's patience, whatever the failures are. A host that was given up
/// stays so for a while; then one request is let through, and decides.
package struct HostSilence: Hashable, Sendable {
    /// What follows a request without an answer.
    enum Consequence: Hashable, Sendable {
        case nothing
        /// The host is left alone, and then probed.
        case wait
        /// The host is given up.
        case givenUp
    }

    /// The limits of one run.
    struct Limits: Hashable, Sendable {
        /// All waiting for a host without an answer, in nanoseconds.
        var patience: Int
        /// Failed connections in a row after which a host is given up; 0 where hosts are not probed, so that patience alone ends.
        var failedConnections: Int32
    }

    /// Requests in a row without an answer.
    package private(set) var inRow: Int32 = 0
    /// The last of those in a row that failed the same way.
    private var sameInRow: Int32 = 0
    private var last = FetchEnd.Unanswered.silent
    /// Times that the host was left alone.
    private(set) var waits: Int32 = 0
    /// Times in a row that the host was given up.
    private(set) var verdicts: Int32 = 0
    /// True if the host was given up because the run's patience was over.
    package private(set) var isPatienceOver = false
    private var isPaused = false
    /// The time at which the waiting began, in nanoseconds; while it is paused, how long it has lasted.
    private var clock = 0
    /// Until when the host stays given up.
    package private(set) var givenUpUntil = PoolTime(nanoseconds: .min)

    /// Failed connections after which a host is left alone.
    private static let connectionsPerWait: Int32 = 2
    /// Waits without which a host to which no connection can be made is not given up.
    private static let leastWaits: Int32 = 2
    /// The time for which a host stays given up at first, and at most, in nanoseconds.
    private static let (firstVerdict, longestVerdict) = (10_000_000_000, 300_000_000_000)

    /// True if requests are probes, one at a time.
    var isProbed: Bool { waits > 0 || verdicts > 0 }

    /// True if the host is given up now.
    func isGivenUp(at now: PoolTime) -> Bool { verdicts > 0 && now < givenUpUntil }

    /// Takes a request without an answer; `isFresh` if it began after the last wait did.
    mutating func add(
        _ failure: FetchEnd.Unanswered,
        isFresh: Bool,
        at now: PoolTime,
        _ limits: Limits
    ) -> Consequence {
        if inRow == 0 { (clock, isPaused) = (now.nanoseconds, false) }
        inRow = inRow == .max ? inRow : inRow + 1
        sameInRow = failure == last ? min(sameInRow, .max - 1) + 1 : 1
        last = failure
        // What was out as the host was given up says nothing new, however late it ends.
        guard !isGivenUp(at: now), isFresh || verdicts == 0 else { return .nothing }
        if verdicts == 0 { isPatienceOver = remaining(at: now, limits) <= 0 }
        if verdicts > 0 || isPatienceOver {
            giveUp(at: now)
            return .givenUp
        }
        guard limits.failedConnections > 0, isFresh else { return .nothing }
        let consequence = consequence(of: failure, limits)
        if consequence == .wait { waits += 1 }
        if consequence == .givenUp { giveUp(at: now) }
        return consequence
    }

    private func consequence(of failure: FetchEnd.Unanswered, _ limits: Limits) -> Consequence {
        switch failure {
        case .silent: inRow >= BackOff.silentRequests ? .wait : .nothing
        case .notFound: sameInRow >= 2 && waits > 0 ? .givenUp : .wait
        case .unconnected:
            if sameInRow >= limits.failedConnections, waits >= Self.leastWaits {
                .givenUp
            } else {
                sameInRow >= Self.connectionsPerWait * (waits + 1) ? .wait : .nothing
            }
        }
    }

    private mutating func giveUp(at now: PoolTime) {
        let length = min(Self.firstVerdict << Int(min(verdicts, 10)), Self.longestVerdict)
        verdicts += 1
        givenUpUntil = PoolTime(nanoseconds: now.nanoseconds + length)
    }

    /// The time for which the host may yet be waited for, in nanoseconds.
    func remaining(at now: PoolTime, _ limits: Limits) -> Int {
        limits.patience - (isPaused ? clock : now.nanoseconds - clock)
    }

    /// Stops the clock while nothing waits for the host.
    mutating func pause(at now: PoolTime) {
        guard inRow > 0, !isPaused else { return }
        (clock, isPaused) = (now.nanoseconds - clock, true)
    }

    /// Lets the clock go on.
    mutating func resume(at now: PoolTime) {
        guard isPaused else { return }
        (clock, isPaused) = (now.nanoseconds - clock, false)
    }
}
