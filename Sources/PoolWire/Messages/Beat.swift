// SPDX-License-Identifier: MIT
// fetchpool

/// A worker's report of its state.
///
/// An optional property is `nil` if the line has no usable value for the property. A coordinator sends beats
/// too, but the coordinator's beats report nothing.
package struct Beat: Hashable, Sendable {
    /// The memory in use, in kB of 1,024 bytes (VmRSS of proc(5)).
    package var rssKB: Int?
    /// The highest memory in use so far, in kB of 1,024 bytes (VmHWM of proc(5)).
    package var hwmKB: Int?
    /// The number of tasks in the worker that wait or have begun; from a fetch worker, the number of tasks
    /// that have begun.
    package var inFlight: Int?
    /// The segment of the spool that gets the next body; earlier segments get no more data.
    package var segment: SegmentName?
    /// True if a body waits in memory because the spool is full or cannot be written.
    package var isSpoolFull: Bool
    /// The reason why the spool cannot be written; `nil` if the spool can be written, or is only full.
    package var spoolFault: String?
    /// The cookies that the worker has changed since its last beat with cookies, as texts of `WireCookies`.
    package var cookies: [String]

    /// Creates a report.
    package init(
        rssKB: Int? = nil,
        hwmKB: Int? = nil,
        inFlight: Int? = nil,
        segment: SegmentName? = nil,
        isSpoolFull: Bool = false,
        spoolFault: String? = nil,
        cookies: [String] = []
    ) {
        self.rssKB = rssKB
        self.hwmKB = hwmKB
        self.inFlight = inFlight
        self.segment = segment
        self.isSpoolFull = isSpoolFull
        self.spoolFault = spoolFault
        self.cookies = cookies
    }

    /// Reads a `beat` line of a worker; a member with a wrong value counts as missing.
    ///
    /// - Throws: `JSONSyntaxError` if the line is not a JSON object.
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
            } else if line.isName(member, "cookies"), value.kind == .array {
                cookies = try line.texts(of: value)
            }
        }
    }
}
