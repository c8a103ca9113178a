// SPDX-License-Identifier: MIT
// fetchpool

/// A guard that detects slow responses: fewer than 1,000 bytes in ten seconds.
///
/// The client gives one tick a second while its loop runs, so a standstill of the process does not count. The
/// wait for the first byte does not count either, and interim responses (RFC 9110 §15.2) belong to this wait.
/// If the user or the task has set the time-out of the fetch, the client does not use this guard.
struct SpeedGuard: Sendable {
    /// The length of a tick in milliseconds.
    static let tick = 1_000
    /// The number of ticks over which the speed is measured.
    private let ticks: Int
    /// The smallest number of bytes that must arrive in `ticks` ticks.
    private let minBytes: Int
    /// The byte counts at the last ticks, as a ring buffer.
    private var samples: [Int] = []
    private var next = 0

    /// Creates a guard for a mean speed of at least `bytesPerTick` over `ticks` ticks.
    init(bytesPerTick: Int = 100, ticks: Int = 10) {
        self.ticks = ticks
        minBytes = bytesPerTick * ticks
    }

    /// Discards the byte counts, so that the measurement starts from zero.
    mutating func begin() {
        samples.removeAll(keepingCapacity: true)
        next = 0
    }

    /// Notes a tick and the bytes received so far; returns true if the response is too slow.
    ///
    /// The result is false for the first `ticks` ticks after `begin`.
    mutating func isTooSlow(bytes: Int) -> Bool {
        guard samples.count == ticks else {
            samples.append(bytes)
            return false
        }
        let isSlow = bytes - samples[next] < minBytes
        samples[next] = bytes
        next = (next + 1) % ticks
        return isSlow
    }
}
