// SPDX-License-Identifier: MIT
// fetchpool

/// A terminal's screen, which understands the few escape sequences of the progress display.
///
/// After a change of its width, the terminal wraps its lines anew, as most terminals do.
package struct TerminalScreen: Sendable {
    /// A row: the characters of its columns, with an empty text after a wide character.
    private struct Row {
        var cells: [String] = []
        /// True if the text of the row goes on in the next row.
        var isWrapped = false
    }

    private var rows = [Row()]
    /// The number of rows that have left the window at its top.
    private var top = 0
    private var cursor = (row: 0, column: 0)
    private var wraps = true
    private var pending = ""
    /// The width of a character in columns.
    private let width: @Sendable (Character) -> Int
    /// The width of the screen in columns.
    package private(set) var columns: Int
    /// The number of rows in the window.
    package private(set) var height: Int
    /// The received escape sequences that the screen does not understand, without the escape characters.
    package private(set) var unknown: [String] = []

    /// Creates an empty screen; `width` returns the number of columns of a character.
    package init(columns: Int, rows: Int, width: @escaping @Sendable (Character) -> Int = { _ in 1 }) {
        (self.columns, height, self.width) = (columns, rows, width)
    }

    /// The texts of all rows without blanks at their ends, including the rows that have left the window.
    ///
    /// Empty rows at the end are left out.
    package var lines: [String] { lines(from: 0) }

    /// The texts of the rows in the window without blanks at their ends.
    ///
    /// Empty rows at the end are left out.
    package var visibleLines: [String] { lines(from: top) }

    private func lines(from first: Int) -> [String] {
        var lines = rows[first...].map { row in
            var text = row.cells.joined()
            while text.last == " " { text.removeLast() }
            return text
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    // MARK: Size

    /// Changes the size of the screen.
    package mutating func resize(columns new: Int, rows height: Int) {
        self.height = height
        defer { top = max(rows.count - height, 0) }
        guard new != columns else { return }
        var (joined, place) = ([[String]()], (line: 0, offset: 0))
        for (number, row) in rows.enumerated() {
            if number == cursor.row {
                place = (joined.count - 1, joined[joined.count - 1].count + cursor.column)
            }
            joined[joined.count - 1] += row.cells
            if !row.isWrapped, number < rows.count - 1 { joined.append([]) }
        }
        (columns, rows) = (new, [])
        for (number, line) in joined.enumerated() {
            let first = rows.count
            var left = line[...]
            repeat {
                let part = left.prefix(new)
                left = left.dropFirst(part.count)
                rows.append(Row(cells: Array(part), isWrapped: !left.isEmpty))
            } while !left.isEmpty
            guard number == place.line else { continue }
            cursor = (min(first + place.offset / new, rows.count - 1), place.offset % new)
        }
    }

    // MARK: Output

    /// Shows the text that a program has written.
    package mutating func show(_ text: String) {
        var rest = (pending + text)[...]
        pending = ""
        while let character = rest.first {
            if character == "\u{1B}" {
                guard let sequence = Self.sequence(at: &rest) else {
                    pending = String(rest)
                    return
                }
                obey(sequence)
                continue
            }
            rest.removeFirst()
            switch character {
            case "\r": cursor.column = 0
            // The terminal's driver writes a carriage return before each line feed.
            case "\n", "\r\n":
                cursor.column = 0
                moveDown()
            default: put(character)
            }
        }
    }

    /// Removes and returns the escape sequence at the start, without the escape character; `nil` if the
    /// sequence is incomplete.
    private static func sequence(at rest: inout Substring) -> String? {
        guard let end = rest.dropFirst(2).firstIndex(where: { $0.isLetter }) else { return nil }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest[...end].dropFirst())
    }

    private mutating func obey(_ sequence: String) {
        switch sequence.last {
        case "A" where sequence.first == "[":
            let count = Int(sequence.dropFirst().dropLast()) ?? 1
            cursor.row = max(cursor.row - count, top)
        case "K" where sequence == "[K":
            let row = cursor.row
            rows[row].cells.removeLast(max(rows[row].cells.count - cursor.column, 0))
            rows[row].isWrapped = false
        case "J" where sequence == "[J":
            obey("[K")
            rows.removeLast(rows.count - 1 - cursor.row)
        case "m" where sequence.first == "[": break
        case "l" where sequence == "[?7l": wraps = false
        case "h" where sequence == "[?7h": wraps = true
        default: unknown.append(sequence)
        }
    }

    private mutating func moveDown() {
        cursor.row += 1
        if cursor.row == rows.count { rows.append(Row()) }
        top = max(top, cursor.row - height + 1)
    }

    private mutating func put(_ character: Character) {
        let width = width(character)
        guard width > 0 else { return }
        if cursor.column + width > columns {
            if wraps {
                rows[cursor.row].isWrapped = true
                cursor.column = 0
                moveDown()
            } else {
                cursor.column = max(columns - width, 0)
            }
        }
        let row = cursor.row
        while rows[row].cells.count < cursor.column + width { rows[row].cells.append(" ") }
        rows[row].cells[cursor.column] = String(character)
        for column in cursor.column + 1..<cursor.column + width { rows[row].cells[column] = "" }
        cursor.column += width
    }
}
