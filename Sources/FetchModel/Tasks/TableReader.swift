// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A reader of the rows of a table in CSV (RFC 4180) or TSV (text/tab-separated-values of IANA).
///
/// In CSV, a field in quotes may contain commas, line breaks and doubled quotes. In TSV, quotes have no meaning.
package struct TableReader: Sendable {
    /// The form of a table.
    package enum Form: Sendable, Hashable {
        /// Fields with commas between them, which quotes may enclose.
        case csv
        /// Fields with tabs between them.
        case tsv

        fileprivate var separator: UInt8 { self == .csv ? UInt8(ascii: ",") : UInt8(ascii: "\t") }
    }

    /// A row of a table, or the reason why a row cannot be read.
    package enum Row: Hashable, Sendable {
        /// The fields of a row; `line` is the number of the line on which the row begins.
        case fields([[UInt8]], line: Int)
        /// A row that cannot be read; the message begins with the number of its first line.
        case fault(String, ErrorClass, line: Int)
    }

    private let form: Form
    private var fields: [[UInt8]] = []
    private var field: [UInt8] = []
    private var bytes = 0
    private var start = 0
    /// True while a field in quotes has not ended.
    private var isQuoted = false
    /// True from the first line of a row that is too long to its last line.
    private var isDropped = false

    /// Creates a reader of a table.
    package init(_ form: Form) { self.form = form }

    /// Reads the next line, which comes without its line feed and without a carriage return before that.
    ///
    /// Returns `nil` if the line is blank, or if the row goes on in the next line.
    package mutating func read(_ line: Span<UInt8>, number: Int) -> Row? {
        if isQuoted {
            append(UInt8(ascii: "\n"))
        } else {
            guard line.indices.contains(where: { line[$0] != 0x20 && line[$0] != 0x09 && line[$0] != 0x0D })
            else { return nil }
            (fields, field, bytes, start, isDropped) = ([], [], 0, number, false)
        }
        var position = 0
        var isFieldStart = !isQuoted
        while position < line.count {
            let byte = line[position]
            position += 1
            if isQuoted {
                guard byte == UInt8(ascii: "\"") else {
                    append(byte)
                    continue
                }
                if position < line.count, line[position] == UInt8(ascii: "\"") {
                    append(byte)
                    position += 1
                    continue
                }
                isQuoted = false
                guard position == line.count || line[position] == form.separator else {
                    let message = "byte \(position + 1): a quote inside a field must be doubled"
                    return .fault("line \(number), \(message)", .url, line: start)
                }
            } else if byte == 0x0D {
                let message =
                    "the text has carriage returns without line feeds; convert it with tr '\\r' '\\n'"
                return .fault("line \(number): \(message)", .url, line: start)
            } else if byte == form.separator {
                endField()
                isFieldStart = true
                continue
            } else if isFieldStart, form == .csv, byte == UInt8(ascii: "\"") {
                isQuoted = true
            } else {
                append(byte)
            }
            isFieldStart = false
        }
        return isQuoted ? nil : endRow()
    }

    /// Returns the row that has not ended at the end of the table; `nil` if there is none.
    package mutating func finish() -> Row? {
        guard isQuoted else { return nil }
        isQuoted = false
        return .fault("line \(start): the quote of a field is not closed", .url, line: start)
    }

    /// Drops the rest of a row of which one line was too long to read.
    package mutating func noteTooLong(number: Int) -> Row {
        if !isQuoted { start = number }
        isQuoted = false
        return tooLong
    }

    private mutating func append(_ byte: UInt8) {
        bytes += 1
        if bytes > WireLimits.maxInputLineBytes { (isDropped, fields, field) = (true, [], []) }
        if !isDropped { field.append(byte) }
    }

    private mutating func endField() {
        fields.append(field)
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
