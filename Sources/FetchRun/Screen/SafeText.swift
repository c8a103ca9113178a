// SPDX-License-Identifier: MIT
// fetchpool

/// Functions that replace unsafe characters in texts for the user.
enum SafeText {
    /// Returns the text with U+FFFD in place of each unsafe character.
    ///
    /// Unsafe characters control a terminal, change the order of text, separate lines, or represent bytes
    /// that are not UTF-8. A tab is safe.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isUnsafe($0) ? "\u{FFFD}" : $0 }))
    }

    /// Returns the `printable` text with a space in place of each tab, for one line of the progress display.
    ///
    /// A tab takes an unknown number of columns.
    static func onScreen(_ text: String) -> String {
        printable(text.contains("\t") ? String(text.map { $0 == "\t" ? " " : $0 }) : text)
    }

    /// Returns the `onScreen` text with `?` in place of each scalar that is not ASCII, and of each unsafe
    /// character.
    static func ascii(_ text: Substring) -> String {
        let scalars = onScreen(String(text)).unicodeScalars
        return String(String.UnicodeScalarView(scalars.map { $0.isASCII ? $0 : "?" }))
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        // C0, DEL and C1: terminals treat U+009B as the beginning of a control sequence.
        case 0...0x1F, 0x7F...0x9F: true
        // Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9); line and
        // paragraph separators.
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        // Scalars that represent the non-UTF-8 bytes of a file name.
        case 0x10FF80...0x10FFFF: true
        default: false
        }
    }
}
