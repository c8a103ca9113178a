// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

/// An account of the requests in a row without a response from one host.
///
/// The account decides when requests to the host wait, and when the host is given up. After a wait, the host
/// is probed: it gets one request at a time. A host is given up if a request gets no response after the run's
/// patience (`Limits.patience`) is over. In a run with retries, a host that has never responded can be given
/// up earlier. If its name is not found, one wait is enough; if connections to it fail, two or more waits are
/// needed. A host stays given up for some time; then one request is sent, and its end decides whether the
/// host is given up again.
package struct HostSilence: Hashable, Sendable {
    /// The consequence of a request without a response.
    enum Consequence: Hashable, Sendable {
        case nothing
        /// No request is sent for a time; then the host is probed.
        case wait
        case givenUp
    }

    /// The limits of one run.
    struct Limits: Hashable, Sendable {
        /// The longest time to wait for a host without a response, in nanoseconds.
        var patience: Int
        /// The number of failed connections in a row after which a host may be given up; 0 if only patience
        /// counts.
        var failedConnections: Int32
    }

    /// The number of requests in a row without a response.
    package private(set) var inRow: Int32 = 0
    /// The number of failures in a row of the kind `last`.
    private var sameInRow: Int32 = 0
    private var last = FetchEnd.NoResponse.silent
    /// The number of times that requests to the host had to wait since its last response.
    private(set) var waits: Int32 = 0
    /// The number of times that the host was given up since its last response.
    private(set) var verdicts: Int32 = 0
    /// True if the host was given up because the run's patience was over.
    package private(set) var isPatienceOver = false
    private var isPaused = false
    /// The start of the time that counts against the patience, in nanoseconds; while `isPaused` is true, the
    /// length of this time so far.
    private var clock = 0
    /// The start and the end of the last time that `leaveOut` has left out.
    private var (leftOutFrom, leftOutUntil) = (PoolTime(nanoseconds: .min), PoolTime(nanoseconds: .min))
    /// The time until which the host stays given up; the earliest possible time if the host was not given up
    /// since its last response.
    package private(set) var givenUpUntil = PoolTime(nanoseconds: .min)

    /// The number of further failed connections after which requests to the host wait once more.
    private static let connectionsPerWait: Int32 = 2
    /// The number of waits before a host to which connections fail may be given up.
    private static let leastWaits: Int32 = 2
    /// The first and the longest time for which a host stays given up, in nanoseconds.
    private static let (firstVerdict, longestVerdict) = (10_000_000_000, 300_000_000_000)

    /// True if the host gets only probes, one request at a time.
    var isProbed: Bool { waits > 0 || verdicts > 0 }

    /// True if the host is given up now.
    func isGivenUp(at now: PoolTime) -> Bool { verdicts > 0 && now < givenUpUntil }

    /// Adds a request without a response, and returns the consequence.
    ///
    /// `isFresh` is true if the host had no incident (`HostState.incidents`) after the start of the request.
    mutating func add(
        _ failure: FetchEnd.NoResponse,
        isFresh: Bool,
        at now: PoolTime,
        _ limits: Limits
    ) -> Consequence {
        if inRow == 0 { (clock, isPaused) = (now.nanoseconds, false) }
        inRow = inRow == .max ? inRow : inRow + 1
        sameInRow = failure == last ? min(sameInRow, .max - 1) + 1 : 1
        last = failure
        // A request that was in flight when the host was given up has no consequence.
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

    private func consequence(of failure: FetchEnd.NoResponse, _ limits: Limits) -> Consequence {
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

    /// Returns the rest of the patience for the host, in nanoseconds; 0 or less when the patience is over.
    func remaining(at now: PoolTime, _ limits: Limits) -> Int {
        limits.patience - (isPaused ? clock : now.nanoseconds - clock)
    }

    /// Leaves out of the patience a time in which only the run's own rate keeps the host's next request back.
    mutating func leaveOut(from start: PoolTime, until end: PoolTime) {
        let start = max(start, leftOutUntil)
        guard inRow > 0, !isPaused, end > start else { return }
        clock += end - start
        (leftOutFrom, leftOutUntil) = (start, end)
    }

    /// Stops `clock`, because no task of the host waits or is in flight.
    mutating func pause(at now: PoolTime) {
        guard inRow > 0, !isPaused else { return }
        // The rest of a time that was left out passes while `clock` stands.
        let rest = leftOutUntil > now ? leftOutUntil - max(now, leftOutFrom) : 0
        if rest > 0 { leftOutUntil = now }
        (clock, isPaused) = (now.nanoseconds - (clock - rest), true)
    }

    /// Starts `clock` again if `pause` has stopped it.
    mutating func resume(at now: PoolTime) {
        guard isPaused else { return }
        (clock, isPaused) = (now.nanoseconds - clock, false)
    }
}
