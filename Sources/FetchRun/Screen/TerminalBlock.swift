// SPDX-License-Identifier: MIT
// fetchpool

/// The lines at the bottom of a terminal; each drawing replaces the previous drawing.
///
/// The block does no I/O: it returns the bytes to write. Between two writes, the cursor stands in the first
/// column of the block's last line. If the window becomes narrower, the terminal wraps the lines, but keeps
/// the cursor on the same character. So the place of the cursor is still known.
struct TerminalBlock: Sendable {
    /// The number of columns of each line on the screen.
    private var shown: [Int] = []

    /// True while lines of the block are on the screen.
    var isShown: Bool { !shown.isEmpty }

    /// Forgets the lines on the screen, whose place is no longer known.
    mutating func forget() { shown = [] }

    /// Returns the bytes that remove the block from the screen.
    mutating func erase(on size: TerminalSize) -> String {
        guard isShown else { return "" }
        defer { shown = [] }
        return climb(on: size) + "\u{1B}[J"
    }

    /// Returns the bytes that write `notes` above the block, and draw `lines` in place of the old lines.
    ///
    /// Each line of the block must be shorter than a row of the terminal. `notes` have no line feeds.
    mutating func draw(
        _ lines: [ScreenLine],
        below notes: [String] = [],
        on size: TerminalSize,
        hasColors: Bool
    ) -> String {
        guard !notes.isEmpty || !lines.isEmpty else { return erase(on: size) }
        var text = climb(on: size)
        if !notes.isEmpty {
            if isShown { text += "\u{1B}[J" }
            for note in notes { text += note + "\n" }
        }
        if !lines.isEmpty {
            // Without automatic wrapping (DECAWM), a window that becomes narrower at this moment cannot wrap
            // the lines. Each row is erased only from the end of its new text on: erasing the whole row first
            // would flicker.
            text += "\u{1B}[?7l"
            text += lines.map { $0.rendered(hasColors: hasColors) + "\u{1B}[K" }.joined(separator: "\r\n")
            if lines.count < shown.count || isWrapped(on: size), notes.isEmpty { text += "\u{1B}[J" }
            text += "\r\u{1B}[?7h"
        }
        shown = lines.map(\.cells)
        return text
    }

    /// Notes that the window had `size` after the last write; a window narrower than a line has cut the line.
    mutating func wasDrawn(on size: TerminalSize) {
        shown = shown.map { min($0, size.columns) }
    }

    private func isWrapped(on size: TerminalSize) -> Bool { shown.contains { $0 > size.columns } }

    /// Returns the bytes that move the cursor to the first column of the block's first line; an empty text if
    /// no block is shown.
    ///
    /// A line that was drawn in a wider window may take several rows now. If the block is taller than the
    /// window, the cursor moves to the window's first row.
    private func climb(on size: TerminalSize) -> String {
        guard isShown else { return "" }
        let columns = max(size.columns, 1)
        let rows = shown.dropLast().reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        let reachable = min(rows, max(size.rows - 1, 0))
        return reachable > 0 ? "\r\u{1B}[\(reachable)A" : "\r"
    }
}
