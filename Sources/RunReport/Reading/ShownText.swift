// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// Functions that return a text of a record as the HTML page about a run shows it.
///
/// The text has a limited length. Escape characters, and control sequences of terminals, are left out. Tabs
/// and line breaks become spaces. Visible characters replace other control characters, most invisible
/// characters, and marks of text direction.
enum ShownText {
    /// Returns the text of a JSON string or number; empty for `nil` and for any other value.
    ///
    /// `limit` is the largest number of Unicode scalars; a longer text ends with an ellipsis.
    static func of(_ value: JSONValue?, in line: Span<UInt8>, limit: Int = 300) -> String {
        guard let value, value.kind == .string || value.kind == .number else { return "" }
        if value.kind == .number { return of(line.array(value.range), limit: limit) }
        // A string with half a surrogate pair is shown as the record has it, with its escapes.
        return of(line.text(of: value) ?? line.array(value.inside), limit: limit)
    }

    /// Returns the text of bytes in UTF-8; bytes that are not valid UTF-8 become U+FFFD.
    static func of(_ bytes: [UInt8], limit: Int) -> String {
        // A scalar has at most four bytes. The other 64 bytes are for control sequences, which do not count
        // towards `limit`.
        var part = bytes.prefix(limit * 4 + 64)
        // The remaining bytes of a scalar that `prefix` has cut.
        part += bytes[part.endIndex...].prefix(3).prefix { $0 & 0xC0 == 0x80 }
        var text = String.UnicodeScalarView()
        var (count, state) = (0, Escape.none)
        for scalar in String(decoding: part, as: UTF8.self).unicodeScalars {
            if state.takes(scalar) { continue }
            guard count < limit else {
                text.append("…")
                return String(text)
            }
            text.append(shown(scalar))
            count += 1
        }
        if part.count < bytes.count { text.append("…") }
        return String(text)
    }

    /// Returns the first strings of a JSON array, at most `most`; empty for `nil` and for any other value.
    ///
    /// Elements that are not strings are left out. `limit` is the largest number of Unicode scalars of each
    /// string.
    static func lines(of value: JSONValue?, in line: Span<UInt8>, most: Int, limit: Int) -> [String] {
        guard let value, value.kind == .array else { return [] }
        var texts: [String] = []
        var scanner = JSONScanner(at: value.range.lowerBound)
        do throws(JSONSyntaxError) {
            try scanner.enterArray(in: line)
            while texts.count < most, let element = try scanner.nextElement(in: line) {
                if element.kind == .string { texts.append(of(element, in: line, limit: limit)) }
            }
        } catch {
            return texts
        }
        return texts
    }

    private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029: " "
        // The pictures of control characters begin at U+2400.
        case 0...0x1F: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
        case 0x7F...0x9F: "\u{FFFD}"
        // Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9); characters
        // without a width; noncharacters.
        case 0x061C, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF, 0xFDD0...0xFDEF: "\u{FFFD}"
        case let value where value & 0xFFFE == 0xFFFE: "\u{FFFD}"
        default: scalar
        }
    }

    /// The state of the search for control sequences of terminals, such as colours (ECMA-48).
    private enum Escape {
        case none, begun, sequence

        mutating func takes(_ scalar: Unicode.Scalar) -> Bool {
            // The escape character begins a sequence, even within another one.
            if scalar.value == 0x1B {
                self = .begun
                return true
            }
            switch self {
            case .none:
                return false
            case .begun:
                self = scalar == "[" ? .sequence : .none
                return self == .sequence
            case .sequence:
                guard 0x20...0x3F ~= scalar.value else {
                    self = .none
                    return 0x40...0x7E ~= scalar.value
                }
                return true
            }
        }
    }
}
