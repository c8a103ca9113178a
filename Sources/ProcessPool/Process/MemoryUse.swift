// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// What is known of a worker's memory, in KiB: from its own beats, and from looking at `/proc` while it lives.
///
/// After a death the kernel says nothing more of it, and what wait4(2) counts includes the coordinator's own peak.
struct MemoryUse: Sendable {
    /// Resident when last looked at; `nil` if nobody has.
    private(set) var lastKB: Int?
    /// The most that was seen.
    private(set) var peakKB: Int?

    /// Takes what the worker says of itself.
    mutating func note(_ beat: Beat) {
        note(last: beat.rssKB, peak: beat.hwmKB)
    }

    /// Takes what was seen of a worker.
    mutating func note(_ seen: (residentKB: Int?, peakKB: Int?)) {
        note(last: seen.residentKB, peak: seen.peakKB)
    }

    private mutating func note(last: Int?, peak: Int?) {
        lastKB = last ?? lastKB
        peakKB = [peakKB, last, peak].compactMap(\.self).max()
    }
}
