// SPDX-License-Identifier: MIT
// fetchpool

/// Notices an answer that comes in too slowly: under 100 bytes a second for ten seconds.
///
/// Pure. It counts in ticks, of which the client gives one a second while its loop turns: time in which the whole
/// process stood still is charged to nobody. The wait for an answer's first byte is none of its business, nor is what comes
/// before the final answer (RFC 9110 §15.2), since a slow page is no slow transfer; the time-out of the fetch covers that.
/// Where a user has said how long a fetch may take, that alone counts.
struct SpeedGuard: Sendable {
    /// The length of a tick in milliseconds.
    static let tick = 1_000
    /// How many ticks a slow answer lasts.
    private let ticks: Int
    /// The fewest bytes in that many ticks.
    private let minBytes: Int
    /// The bytes there were at the last ticks, as a ring.
    private var samples: [Int] = []
    private var next = 0

    /// A guard that lets go at `ticks` ticks with fewer than `bytesPerTick` bytes in each, on the mean.
    init(bytesPerTick: Int = 100, ticks: Int = 10) {
        self.ticks = ticks
        minBytes = bytesPerTick * ticks
    }

    /// Begins anew: no byte of an answer has come.
    mutating func begin() {
        samples.removeAll(keepingCapacity: true)
        next = 0
    }

    /// Notes a tick, at which so many bytes of the answer have come; returns whether they came too slowly.
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
