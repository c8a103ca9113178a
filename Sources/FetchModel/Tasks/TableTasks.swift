// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A reader of the tasks in a table with a header.
///
/// One column has the URLs, and another may have the ids. All other columns with a name become members of
/// `meta`.
package struct TableTasks: Sendable {
    /// The names of the columns with URLs and ids.
    package struct Columns: Sendable, Hashable {
        /// The name of the column of URLs.
        package var url = "url"
        /// The name of the column of ids; `nil` if the line number is the id of each row.
        package var id: String?

        /// Creates the default columns.
        package init() {}
    }

    /// The reason why a header cannot be used: it cannot be read, or a column is missing.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// One sentence that says what is wrong, and usually what to change.
        package let description: String
    }

    private struct Header: Sendable {
        var names: [String] = []
        var url = 0
        var id: Int?
    }

    private let form: TableReader.Form
    private let columns: Columns
    private var reader: TableReader
    private var header: Header?

    /// Creates a reader of a table.
    package init(_ form: TableReader.Form, columns: Columns) {
        (self.form, self.columns, reader) = (form, columns, TableReader(form))
    }

    /// Reads the next line, as `TableReader.read` does; returns `nil` if the line ends no row, or ends the
    /// header.
    ///
    /// - Throws: `Fault` if the header cannot be read, or lacks a column.
    package mutating func read(
        _ line: Span<UInt8>,
        number: Int,
        defaultScheme: TargetURL.Scheme?
    ) throws(Fault) -> InputLine? {
        var text = line
        if header == nil {
            if UTF16Line(of: line) == .blank { return nil }
            if let advice = TableAdvice.onZeros(in: line) { throw Fault(description: advice) }
            // Some spreadsheet programs write a byte order mark before the header.
            let hasMark = line.count >= 3 && line[0] == 0xEF && line[1] == 0xBB && line[2] == 0xBF
            if hasMark { text = line.extracting(3..<line.count) }
        }
        return try reader.read(text, number: number).flatMap { row throws(Fault) in
            try self.line(of: row, defaultScheme)
        }
    }

    /// Returns the refusal of a row that has not ended at the end of the table; `nil` if there is none.
    ///
    /// - Throws: `Fault` if the row is the header.
    package mutating func finish() throws(Fault) -> InputLine? { try refusal(ofRest: reader.finish()) }

    /// Reads a part of a line that is too long for one call; returns the refusal of its row, or `nil` if
    /// there is none.
    ///
    /// - Throws: `Fault` if the part belongs to the header and has a fault.
    package mutating func readPart(_ part: Span<UInt8>, number: Int) throws(Fault) -> InputLine? {
        try refusal(ofRest: reader.readPart(part, number: number))
    }

    /// Returns the refusal of a row that has a fault before its end; `nil` if `row` is `nil`.
    private func refusal(ofRest row: TableReader.Row?) throws(Fault) -> InputLine? {
        guard let row else { return nil }
        if header == nil, case .fault(let message, _, _) = row { throw Self.headerFault(message) }
        return refusal(of: row)
    }

    private static func headerFault(_ message: String) -> Fault {
        Fault(description: "the header cannot be read: \(message)")
    }

    private func refusal(of row: TableReader.Row) -> InputLine {
        guard case .fault(let message, let errorClass, let line) = row else { return .blank }
        let error = TaskError(errorClass, message)
        return .refused(RefusedTask(ordinal: line, error: error, isIDHidden: header?.id != nil))
    }

    private mutating func line(
        of row: TableReader.Row,
        _ defaultScheme: TargetURL.Scheme?
    ) throws(Fault) -> InputLine? {
        guard let header else {
            switch row {
            case .fields(let fields, _): header = try Self.header(fields, columns, form)
            case .fault(let message, _, _): throw Self.headerFault(message)
            }
            return nil
        }
        guard case .fields(let fields, let number) = row else { return refusal(of: row) }
        func refused(_ message: String) -> InputLine {
            let error = TaskError(.url, "line \(number): \(message)")
            let id = Self.id(of: fields, header)
            let isIDHidden = header.id != nil && id == nil
            var task = RefusedTask(ordinal: number, error: error, isIDHidden: isIDHidden)
            if let id { task.id = id }
            return .refused(task)
        }
        guard fields.count == header.names.count else {
            let number = fields.count == 1 ? "1 field" : "\(fields.count) fields"
            return refused("the row has \(number), and the header has \(header.names.count)")
        }
        for (name, field) in zip(header.names, fields) {
            guard UTF8Check.firstFault(in: field.span) == nil else {
                return refused(
                    "the column '\(name)' is not valid UTF-8; if the file is Latin-1, convert it with iconv -f ISO-8859-1 -t UTF-8"
                )
            }
        }
        if Self.holdsBreak(fields[header.url]) {
            let advice = "write one URL in each row, and %0A or %09 for such a character in a URL"
            return refused("the URL contains a line break or a tab; \(advice)")
        }
        let object = Self.object(header, fields)
        guard object.count <= WireLimits.maxInputLineBytes else { return .tooLong(ordinal: number) }
        let line = InputLine.read(object: object, ordinal: number, defaultScheme: defaultScheme)
        guard case .refused(let task) = line else { return line }
        return .refused(advised(task, on: fields[header.url]))
    }

    /// Returns true if there is a line break or a tab inside a URL.
    ///
    /// A browser would drop these characters, and so join several URLs of a cell into one.
    private static func holdsBreak(_ url: [UInt8]) -> Bool {
        func isBreak(_ byte: UInt8) -> Bool { byte == 0x09 || byte == 0x0A || byte == 0x0D }
        guard url.contains(where: isBreak), let last = url.lastIndex(where: { $0 > 0x20 }) else {
            return false
        }
        return url[...last].drop { $0 <= 0x20 }.contains(where: isBreak)
    }

    /// Returns `task` with the message of `TableAdvice.onURL`; returns it unchanged if there is no message.
    private func advised(_ task: RefusedTask, on url: [UInt8]) -> RefusedTask {
        guard let advice = TableAdvice.onURL(url.span, of: form) else { return task }
        var advised = task
        advised.error.message = "line \(task.ordinal): \(advice)"
        return advised
    }

    /// Returns the id of a refused row, as JSON; `nil` if no field is certainly a valid id.
    ///
    /// In a row with too few or too many fields, the first field is in the right column. If the field in the
    /// column of URLs is a URL, the fields before it are in the right columns too.
    private static func id(of fields: [[UInt8]], _ header: Header) -> [UInt8]? {
        guard let column = header.id, column < fields.count, !fields[column].isEmpty else { return nil }
        if fields.count != header.names.count, column > 0 {
            guard column < header.url, header.url < fields.count else { return nil }
            let url = fields[header.url]
            guard (try? TargetURL(reading: url.span)) != nil else { return nil }
        }
        let id = fields[column]
        guard UTF8Check.firstFault(in: id.span) == nil else { return nil }
        var writer = JSONWriter()
        writer.string(id.span)
        return writer.take()
    }

    /// Returns a task object for a row.
    private static func object(_ header: Header, _ fields: [[UInt8]]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("url")
        let url = fields[header.url]
        writer.string(url.span)
        if let column = header.id, !fields[column].isEmpty {
            let id = fields[column]
            writer.name("id")
            writer.string(id.span)
        }
        let others = header.names.indices.filter {
            $0 != header.url && $0 != header.id && !header.names[$0].isEmpty
        }
        if !others.isEmpty {
            writer.name("meta")
            writer.beginObject()
            for index in others {
                writer.name(text: header.names[index])
                let field = fields[index]
                writer.string(field.span)
            }
            writer.endObject()
        }
        writer.endObject()
        return writer.take()
    }

    /// Finds the columns; if several columns have one name that is not empty, each except the first gets a
    /// number, as in `name (2)`.
    private static func header(
        _ fields: [[UInt8]],
        _ columns: Columns,
        _ form: TableReader.Form
    ) throws(Fault) -> Header {
        var header = Header()
        header.names = distinct(fields.map { String(decoding: trimmed($0), as: UTF8.self) })
        func index(_ name: String, _ option: String) throws(Fault) -> Int {
            if let exact = header.names.firstIndex(of: name) { return exact }
            let lowered = name.lowercased()
            if let other = header.names.firstIndex(where: { $0.lowercased() == lowered }) { return other }
            if let advice = TableAdvice.onHeader(header.names, of: form) { throw Fault(description: advice) }
            let shown = header.names.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
            throw Fault(
                description:
                    "the header has no column '\(name)', only \(shown); name the right column with \(option)"
            )
        }
        header.url = try index(columns.url, "--url-column")
        if let id = columns.id { header.id = try index(id, "--id-column") }
        return header
    }

    /// Returns the names, changed so that no name except the empty name occurs twice.
    ///
    /// The first column with a name keeps the name, even if the name already ends in a number, as in
    /// `name (2)`.
    private static func distinct(_ names: [String]) -> [String] {
        var taken = Set(names)
        var counts: [String: Int] = [:]
        return names.map { name in
            guard !name.isEmpty else { return name }
            var number = counts[name, default: 0] + 1
            while number > 1, !taken.insert("\(name) (\(number))").inserted { number += 1 }
            counts[name] = number
            return number == 1 ? name : "\(name) (\(number))"
        }
    }

    private static func trimmed(_ field: [UInt8]) -> ArraySlice<UInt8> {
        var part = field[...]
        while let first = part.first, first == 0x20 || first == 0x09 { part.removeFirst() }
        while let last = part.last, last == 0x20 || last == 0x09 { part.removeLast() }
        return part
    }
}
