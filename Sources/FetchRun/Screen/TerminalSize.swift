// SPDX-License-Identifier: MIT
// fetchpool

/// The size of a terminal's window, in characters.
struct TerminalSize: Hashable, Sendable {
    var columns: Int
    var rows: Int

    /// The size to assume if a terminal does not report its size.
    static let usual = TerminalSize(columns: 80, rows: 24)
}
