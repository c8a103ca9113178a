// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A reader of the rows of a table in CSV (RFC 4180) or TSV (text/tab-separated-values of IANA).
///
/// In CSV, a field in quotes may contain commas, line breaks and doubled quotes. In TSV, quotes have no
/// meaning.
package struct TableReader: Sendable {
    /// The form of a table.
    package enum Form: Sendable, Hashable {
        /// Fields with commas between them; a field may be in quotes.
        case csv
        /// Fields with tabs between them.
        case tsv

        fileprivate var separator: UInt8 { self == .csv ? UInt8(ascii: ",") : UInt8(ascii: "\t") }
    }

    /// A row of a table, or the reason why a row cannot be read.
    package enum Row: Hashable, Sendable {
        /// The fields of a row; `line` is the number of the line on which the row begins.
        case fields([[UInt8]], line: Int)
        /// A row that cannot be read; `line` is the number of its first line.
        case fault(String, ErrorClass, line: Int)
    }

    private let form: Form
    private var fields: [[UInt8]] = []
    private var field: [UInt8] = []
    /// The number of bytes of the fields so far, with the separators.
    private var bytes = 0
    /// The number of the line on which the row begins.
    private var start = 0
    /// The number of bytes of the line that came in earlier parts; `nil` at the beginning of a line.
    private var before: Int?
    /// True while a field in quotes has not ended.
    private var isQuoted = false
    /// True after a quote inside a field in quotes: this quote ends the field, or another quote follows.
    private var isAfterQuote = false
    private var isFieldStart = true
    /// True from the byte that makes the row too long until the row ends.
    private var isDropped = false
    /// True after a fault, until the end of the line.
    private var isFaulty = false

    /// Creates a reader of a table.
    package init(_ form: Form) { self.form = form }

    /// Reads the next line, or the last part of a line.
    ///
    /// `line` contains neither the line feed nor a carriage return before the line feed.
    ///
    /// Returns the row that ends with this line, or a fault. Returns `nil` if no row ends with this line, or
    /// if `readPart` has already returned a fault of this line. A line of only blanks is no row, unless it is
    /// part of a field in quotes.
    package mutating func read(_ line: Span<UInt8>, number: Int) -> Row? {
        let isBlank = line.indices.allSatisfy { line[$0] == 0x20 || line[$0] == 0x09 || line[$0] == 0x0D }
        if before == nil, !isQuoted, isBlank { return nil }
        let fault = readPart(line, number: number)
        before = nil
        guard !isFaulty else {
            isFaulty = false
            return fault
        }
        if isAfterQuote { (isQuoted, isAfterQuote) = (false, false) }
        return isQuoted ? nil : endRow()
    }

    /// Reads a part of a line that is too long for one call; the line goes on after this part.
    ///
    /// Returns the fault of the part; `nil` if the part has no fault, or if an earlier part of the line had a
    /// fault.
    package mutating func readPart(_ part: Span<UInt8>, number: Int) -> Row? {
        if before == nil { beginLine(number) }
        let offset = before ?? 0
        before = offset + part.count
        var position = 0
        while position < part.count, !isFaulty {
            let byte = part[position]
            position += 1
            if let fault = take(byte, at: offset + position, number) {
                (isFaulty, isQuoted, isAfterQuote) = (true, false, false)
                return fault
            }
        }
        return nil
    }

    private mutating func beginLine(_ number: Int) {
        if isQuoted { return append(UInt8(ascii: "\n")) }
        (fields, field, bytes, start, isDropped) = ([], [], 0, number, false)
        isFieldStart = true
    }

    /// Reads one byte, and returns the fault if there is one.
    ///
    /// `position` is the number of the byte in the line, from 1.
    private mutating func take(_ byte: UInt8, at position: Int, _ number: Int) -> Row? {
        let isQuote = byte == UInt8(ascii: "\"")
        if isAfterQuote {
            isAfterQuote = false
            if isQuote {
                append(byte)
                return nil
            }
            isQuoted = false
            guard byte == form.separator || byte == 0x0D else {
                let message = "byte \(position): a quote inside a field must be doubled"
                return .fault("line \(number), \(message)", .url, line: start)
            }
        } else if isQuoted {
            if isQuote { isAfterQuote = true } else { append(byte) }
            return nil
        }
        if byte == 0x0D {
            let message = "the text has carriage returns without line feeds; convert it with tr '\\r' '\\n'"
            return .fault("line \(number): \(message)", .url, line: start)
        }
        if byte == form.separator {
            count()
            endField()
            isFieldStart = true
            return nil
        }
        if isFieldStart, form == .csv, isQuote { isQuoted = true } else { append(byte) }
        isFieldStart = false
        return nil
    }

    /// Returns the fault of a field in quotes that has not ended at the end of the table; `nil` if there is
    /// none.
    package mutating func finish() -> Row? {
        guard isQuoted else { return nil }
        isQuoted = false
        return .fault("line \(start): the quote of a field is not closed", .url, line: start)
    }

    private mutating func append(_ byte: UInt8) {
        count()
        if !isDropped { field.append(byte) }
    }

    /// Counts a byte of the row; drops the fields of a row that becomes too long.
    private mutating func count() {
        bytes += 1
        if bytes > WireLimits.maxInputLineBytes { (isDropped, fields, field) = (true, [], []) }
    }

    private mutating func endField() {
        if !isDropped { fields.append(field) }
        field = []
    }

    private mutating func endRow() -> Row {
        endField()
        return isDropped ? tooLong : .fields(fields, line: start)
    }

    private var tooLong: Row {
        let limit = WireLimits.maxInputLineBytes >> 20
        return .fault("line \(start): a row longer than \(limit) MiB", .lineTooLong, line: start)
    }
}
