// SPDX-License-Identifier: MIT
// fetchpool

/// One line of the progress display; the line consists of parts, and each part has a style.
struct ScreenLine: Hashable, Sendable {
    /// The appearance of a part.
    enum Style: Sendable {
        case plain, good, bad, dim
    }

    /// A part of a line.
    struct Part: Hashable, Sendable {
        var text: String
        var style = Style.plain
    }

    private(set) var parts: [Part] = []

    /// Creates a line; unsafe characters and tabs of its parts are replaced.
    init(_ parts: [Part] = []) {
        self.parts = parts.map { Part(text: SafeText.onScreen($0.text), style: $0.style) }
    }

    /// Creates a line of one part.
    init(_ text: String) {
        self.init([Part(text: text)])
    }

    /// The text without styles.
    var text: String { parts.map(\.text).joined() }

    /// The number of columns that the line takes at most.
    var cells: Int { parts.reduce(0) { $0 + $1.text.cells } }

    /// Returns the line if it takes at most `columns` columns; otherwise its beginning and `ellipsis`.
    ///
    /// An `ellipsis` of more than `columns` columns is cut.
    func cut(to columns: Int, ellipsis: String) -> ScreenLine {
        guard cells > columns else { return self }
        var line = ScreenLine()
        var left = max(columns - ellipsis.cells, 0)
        for part in parts {
            let shown = part.text.prefix(columns: left)
            left -= shown.cells
            line.parts.append(Part(text: String(shown), style: part.style))
            guard shown.endIndex == part.text.endIndex else { break }
        }
        line.parts.append(Part(text: String(ellipsis.prefix(columns: max(columns, 0)))))
        return line
    }

    /// Returns the text with the escape sequences of its styles, or without them if `hasColors` is false.
    func rendered(hasColors: Bool) -> String {
        guard hasColors else { return text }
        return parts.map { part in
            guard let code = part.style.code, !part.text.isEmpty else { return part.text }
            return "\u{1B}[\(code)m\(part.text)\u{1B}[0m"
        }.joined()
    }
}

extension ScreenLine.Style {
    /// The parameter of SGR (ECMA-48, 8.3.117); `nil` for the usual appearance.
    fileprivate var code: Int? {
        switch self {
        case .plain: nil
        case .good: 32
        case .bad: 31
        case .dim: 2
        }
    }
}
