// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// A reader of files of records that counts only the last record of each task (see `LastRecords`).
///
/// If two records have the same id, all files are read a second time. A record then does not count if a later
/// record of the same task replaces it. If the bytes of a pipe could not be stored for the second reading,
/// all records count.
package struct ReportReader {
    /// The number of the first line at which a file without a record can be refused before its end.
    private static let linesBeforeRefusal = 1_000

    private let files: [RecordFile]
    private var last = LastRecords()
    private var figures: ReportFigures
    private var ordinal = 0

    /// Returns the figures of the files `names`, which are read in this order; `-` is standard input.
    ///
    /// `givesUp` is called after each part of a file that was read; if `givesUp` returns true, the reading
    /// ends.
    ///
    /// - Throws: `ReportError` if a file cannot be read, has no records, or has changed as
    ///   `ReportError.changed` says; `ReportError.givenUp` if `givesUp` returned true. An empty or
    ///   blank file is no error if another file has records.
    package static func figures(
        of names: [String],
        orUntil givesUp: @escaping () -> Bool = { false }
    ) throws(ReportError) -> ReportFigures {
        var reader = try ReportReader(names, orUntil: givesUp)
        return try reader.read()
    }

    private init(_ names: [String], orUntil givesUp: @escaping () -> Bool) throws(ReportError) {
        figures = ReportFigures(sources: names)
        // All files are opened first, so that a wrong name is reported before a long reading.
        var files: [RecordFile] = []
        for name in names { files.append(try RecordFile(name, orUntil: givesUp)) }
        self.files = files
    }

    private mutating func read() throws(ReportError) -> ReportFigures {
        for source in files.indices { try readFirst(source) }
        guard figures.records > 0 else { throw .empty(figures.sources) }
        guard last.repeats > 0 else { return figures }
        guard files.allSatisfy(\.isRepeatable) else {
            figures.repeats = last.repeats
            return figures
        }
        let first = figures
        figures = ReportFigures(sources: first.sources)
        figures.takeLines(of: first)
        ordinal = 0
        for source in files.indices { try readAgain(source) }
        guard ordinal == first.records else { throw .changed(files[0].name) }
        return figures
    }

    // MARK: The first reading

    private mutating func readFirst(_ source: Int) throws(ReportError) {
        let file = files[source]
        let before = figures.records
        var line = 0
        var firstOther: Int?
        try file.read { (kind, text) throws(ReportError) in
            line += 1
            guard !take(kind, text, source, line) else { return }
            let first = firstOther ?? line
            firstOther = first
            if line >= Self.linesBeforeRefusal, figures.records == before {
                throw .noRecords(file.name, line: first)
            }
        }
        if figures.records > before { return }
        if let firstOther { throw .noRecords(file.name, line: firstOther) }
        figures.emptySources.append(source)
    }

    /// Counts a line of the first reading unless it is blank; returns true for a blank line or a record.
    private mutating func take(
        _ kind: RecordFile.Line,
        _ text: Span<UInt8>,
        _ source: Int,
        _ number: Int
    ) -> Bool {
        guard kind != .tooLong else {
            note(otherLine: number, source)
            return false
        }
        let mark = Self.hasMark(text) ? 3 : 0
        if text.indices.dropFirst(mark).allSatisfy({ [0x20, 0x09, 0x0D].contains(text[$0]) }) { return true }
        if let record = ReportRecord(reading: text, at: mark) {
            ordinal += 1
            last.note(record, in: text, source: source, ordinal: ordinal)
            figures.count(record, in: text, source: source)
            return true
        }
        // A killed run can leave a torn line, to which the next run adds a line feed.
        if ReportRecord.isTorn(text), kind == .unended || ReportRecord.begins(text) {
            figures.tornLines += 1
        } else {
            note(otherLine: number, source)
        }
        return false
    }

    private mutating func note(otherLine number: Int, _ source: Int) {
        figures.otherLines += 1
        if figures.firstOtherLine == nil { figures.firstOtherLine = (source, number) }
    }

    // MARK: The second reading

    private mutating func readAgain(_ source: Int) throws(ReportError) {
        try files[source].readAgain { (kind, text) throws(ReportError) in
            let mark = Self.hasMark(text) ? 3 : 0
            guard kind != .tooLong, let record = ReportRecord(reading: text, at: mark) else { return }
            ordinal += 1
            if last.isReplaced(record, in: text, source: source, ordinal: ordinal) {
                figures.superseded += 1
            } else {
                figures.count(record, in: text, source: source)
            }
        }
    }

    // MARK: Lines

    /// Returns true if a line begins with a byte order mark.
    private static func hasMark(_ text: Span<UInt8>) -> Bool {
        text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF
    }
}
