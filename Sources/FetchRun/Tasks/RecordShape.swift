// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The order in which records leave the `RecordSink`, and the members that the records keep.
struct RecordShape: Sendable {
    private let fields: RecordFields?
    /// The records that wait for earlier records; `nil` if records leave in the order in which tasks end.
    var window: RecordWindow?
    /// The records that may leave, if there is no window.
    private var lines: [UInt8] = []

    /// Creates the shape of a run's records; `nil` if records leave unchanged, in the order in which they are
    /// written.
    init?(_ settings: RunSettings) {
        guard settings.keepsOrder || settings.recordFields != nil else { return nil }
        fields = settings.recordFields
        if settings.keepsOrder { window = RecordWindow() }
    }

    /// True if records keep the member `error`.
    var keepsErrors: Bool { fields?.contains("error") ?? true }

    /// Adds a record, including its line feed; `position` is the position of the task (`RecordWindow`).
    mutating func add(_ record: [UInt8], at position: Int) {
        let record = fields?.chosen(from: record) ?? record
        if window != nil { window?.add(record, at: position) } else { lines += record }
    }

    /// The size of the records that may leave, in bytes.
    var pendingBytes: Int { window?.readyBytes ?? lines.count }

    /// Removes and returns records that may leave; returns an empty array if there are none.
    mutating func take() -> [UInt8] {
        if window != nil { return window?.take() ?? [] }
        defer { lines = [] }
        return lines
    }
}
