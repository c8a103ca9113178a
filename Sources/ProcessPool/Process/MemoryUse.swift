// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The memory of a worker in KiB, from its own beats, and from `/proc` while the worker lives.
///
/// After the worker's death, the kernel no longer reports its memory. The value of wait4(2) cannot be used,
/// because it includes the coordinator's own peak.
struct MemoryUse: Sendable {
    /// The resident memory that was seen last; `nil` if no value was seen.
    private(set) var lastKB: Int?
    /// The highest resident memory that was seen; `nil` if no value was seen.
    private(set) var peakKB: Int?

    /// Records the values of a beat.
    mutating func note(_ beat: Beat) {
        note(last: beat.rssKB, peak: beat.hwmKB)
    }

    /// Records the values that a check of `/proc` found.
    mutating func note(_ seen: (residentKB: Int?, peakKB: Int?)) {
        note(last: seen.residentKB, peak: seen.peakKB)
    }

    private mutating func note(last: Int?, peak: Int?) {
        lastKB = last ?? lastKB
        peakKB = [peakKB, last, peak].compactMap(\.self).max()
    }
}
