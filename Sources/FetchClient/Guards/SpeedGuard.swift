// SPDX-License-Identifier: MIT
// fetchpool

/// A guard that detects slow responses: under 100 bytes a second for ten seconds.
///
/// Pure: no clock and no I/O. The guard counts ticks; the client gives one a second while its loop runs. So
/// the guard does not count the time in which the whole process stood still. It also does not count the wait
/// for the first byte and interim responses (RFC 9110 §15.2), which show that the server is slow and not the
/// transfer. The time-out of the fetch covers both. If the user has set that time-out, this guard is not
/// used.
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

    /// Makes a guard that ends a response below a mean of `bytesPerTick` bytes over `ticks` ticks.
    init(bytesPerTick: Int = 100, ticks: Int = 10) {
        self.ticks = ticks
        minBytes = bytesPerTick * ticks
    }

    /// Starts again, before the first byte of a response.
    mutating func begin() {
        samples.removeAll(keepingCapacity: true)
        next = 0
    }

    /// Notes a tick and the bytes received so far; returns true if the response is too slow.
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
