// SPDX-License-Identifier: MIT
// fetchpool

/// What a worker says of itself while it works.
package struct Beat: Hashable, Sendable {
    /// Its memory in use, in kB.
    package var rssKB: Int?
    /// The most memory it ever had in use, in kB.
    package var hwmKB: Int?
    /// Its tasks in hand.
    package var inFlight: Int?
    /// The segment of the spool that its next body goes to; nothing more comes into earlier ones.
    package var segment: SegmentName?
    /// Whether a body waits in its memory because the spool has no room.
    package var isSpoolFull: Bool
    /// Why the spool cannot be written at all; `nil` where it can, or is only full.
    package var spoolFault: String?

    /// Describes a worker.
    package init(
        rssKB: Int? = nil,
        hwmKB: Int? = nil,
        inFlight: Int? = nil,
        segment: SegmentName? = nil,
        isSpoolFull: Bool = false,
        spoolFault: String? = nil
    ) {
        self.rssKB = rssKB
        self.hwmKB = hwmKB
        self.inFlight = inFlight
        self.segment = segment
        self.isSpoolFull = isSpoolFull
        self.spoolFault = spoolFault
    }
}
