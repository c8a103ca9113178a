// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import PoolWire

/// The search for records that a later record of the same task replaces.
///
/// Two records are of the same task if they have the same id and the same URL. Two records without a URL are
/// of the same task if they have the same id and are in the same file. An `invalid` record is also replaced
/// by a later record with the same id in the same file, because the user may have corrected the URL. A record
/// without an id is never replaced.
///
/// The first reading of the files notes all ids. If a record has the id of an earlier record, the first
/// reading also notes it as the last record of its task.
struct LastRecords: Sendable {
    private var ids = TaskIDs()
    /// The ordinal of the last record of a task, by the hash of the task.
    ///
    /// Only records with the id of an earlier record are stored. An `invalid` record can have a later record
    /// with its id in the same file. The ordinal of the last such record is then stored a second time, by the
    /// hash of the id and the file.
    private var last = KeyTable()
    /// For each invalid record, the hash of its id and its file.
    private var invalidIDs = HashSet()
    /// The number of records that have the id of an earlier record.
    private(set) var repeats = 0

    /// Notes a record of the file with the index `source`; `ordinal` counts the records of all files from 1.
    mutating func note(_ record: ReportRecord, in line: Span<UInt8>, source: Int, ordinal: Int) {
        guard let id = record.id else { return }
        if ids.insert(line.integer(of: id), Self.hash(of: id, in: line)) {
            repeats += 1
            last.set(UInt64(ordinal), for: Self.task(record, id, in: line, source))
            if !invalidIDs.isEmpty {
                let key = Self.invalid(id, in: line, source)
                if invalidIDs.contains(key) { last.set(UInt64(ordinal), for: key) }
            }
        }
        if record.outcome == .invalid { _ = invalidIDs.insert(Self.invalid(id, in: line, source)) }
    }

    /// Returns true if a later record replaces this record; all records must have been noted before.
    func isReplaced(_ record: ReportRecord, in line: Span<UInt8>, source: Int, ordinal: Int) -> Bool {
        guard let id = record.id else { return false }
        if let later = last[Self.task(record, id, in: line, source)], later > ordinal { return true }
        guard record.outcome == .invalid, let later = last[Self.invalid(id, in: line, source)] else {
            return false
        }
        return later > ordinal
    }

    private static func hash(of id: JSONValue, in line: Span<UInt8>) -> UInt64 {
        hash { combine(id, in: line, into: &$0) }
    }

    private static func task(
        _ record: ReportRecord,
        _ id: JSONValue,
        in line: Span<UInt8>,
        _ source: Int
    ) -> UInt64 {
        guard let url = record.url else { return invalid(id, in: line, source) }
        return hash {
            combine(id, in: line, into: &$0)
            combine(url, in: line, into: &$0)
        }
    }

    private static func invalid(_ id: JSONValue, in line: Span<UInt8>, _ source: Int) -> UInt64 {
        hash {
            combine(id, in: line, into: &$0)
            $0.combine(source)
        }
    }

    private static func hash(_ combine: (inout Hasher) -> Void) -> UInt64 {
        // Hashes have a new seed in each process, so nobody can choose ids that cause collisions.
        var hasher = Hasher()
        combine(&hasher)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// Adds the text of a string or a number to a hash.
    ///
    /// A string has the same hash with escapes and without escapes.
    private static func combine(_ value: JSONValue, in line: Span<UInt8>, into hasher: inout Hasher) {
        hasher.combine(value.kind)
        if value.isEscaped, let text = line.text(of: value) {
            hasher.combine(text.count)
            unsafe text.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
            return
        }
        let part = line.extracting(value.kind == .string ? value.inside : value.range)
        hasher.combine(part.count)
        unsafe part.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}
