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

    /// Reads a worker's line of this type; of members that stand there twice, the last counts.
    ///
    /// - Throws: `JSONSyntaxError` if it is no JSON object.
    init(_ line: Span<UInt8>) throws(JSONSyntaxError) {
        self.init()
        var scanner = JSONScanner()
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            let value = member.value
            if line.isName(member, "rss_kb") {
                rssKB = line.integer(of: value)
            } else if line.isName(member, "hwm_kb") {
                hwmKB = line.integer(of: value)
            } else if line.isName(member, "inflight") {
                inFlight = line.integer(of: value)
            } else if line.isName(member, "segment") {
                segment = line.text(of: value).flatMap { SegmentName($0.span) }
            } else if line.isName(member, "spool_full") {
                isSpoolFull = value.kind == .true
            } else if line.isName(member, "spool_fault") {
                spoolFault = line.text(of: value).map { String(decoding: $0, as: UTF8.self) }
            }
        }
    }
}
