// SPDX-License-Identifier: MIT
// fetchpool

/// The size of a terminal's window, in characters.
struct TerminalSize: Hashable, Sendable {
    var columns: Int
    var rows: Int

    /// The size of terminals that do not tell their size.
    static let usual = TerminalSize(columns: 80, rows: 24)
}
