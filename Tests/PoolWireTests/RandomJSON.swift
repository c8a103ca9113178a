// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport

/// Random JSON texts, valid and damaged.
enum RandomJSON {
    private static let scalars: [Unicode.Scalar] = [
        "a", "Z", "0", " ", "/", "\u{7F}", "\u{80}", "é", "\u{7FF}", "\u{800}", "\u{2028}", "\u{FFFD}",
        "\u{FFFF}",
        "\u{10000}", "😀", "\u{10FFFF}", "\"", "\\", "\n", "\u{0}", "\u{1F}",
    ]

    /// Returns a value in which arrays and objects nest at most `depth` deep.
    static func value(depth: Int, using random: inout SeededGenerator) -> String {
        let blank = [" ", "", "", "\t", "\r\n"].randomElement(using: &random) ?? ""
        let count = Int.random(in: 0...3, using: &random)
        switch Int.random(in: 0...(depth > 0 ? 9 : 6), using: &random) {
        case 0: return "null"
        case 1: return "true"
        case 2: return "false"
        case 3, 4: return number(using: &random)
        case 5, 6: return string(using: &random)
        case 7:
            let elements = (0..<count).map { _ in value(depth: depth - 1, using: &random) }
            return "[" + blank + elements.joined(separator: blank + ",") + blank + "]"
        default:
            let members = (0..<count).map { _ in
                string(using: &random) + blank + ":" + blank + value(depth: depth - 1, using: &random)
            }
            return "{" + blank + members.joined(separator: blank + "," + blank) + blank + "}"
        }
    }

    /// Returns a number in the range of `Double`.
    static func number(using random: inout SeededGenerator) -> String {
        let sign = Bool.random(using: &random) ? "-" : ""
        let whole = String(Int.random(in: 0...1_200, using: &random))
        let fraction = Bool.random(using: &random) ? "." + String(Int.random(in: 0...99, using: &random)) : ""
        let exponent = ["", "", "e3", "E+2", "e-07"].randomElement(using: &random) ?? ""
        return sign + whole + fraction + exponent
    }

    /// Returns a string value with its quotes; some characters are escaped.
    static func string(using random: inout SeededGenerator) -> String {
        let scalars = (0..<Int.random(in: 0...5, using: &random)).map { _ in scalar(using: &random) }
        return "\"" + scalars.map { written($0, using: &random) }.joined() + "\""
    }

    /// Returns a random scalar; about half of the results come from `scalars`.
    static func scalar(using random: inout SeededGenerator) -> Unicode.Scalar {
        if Bool.random(using: &random) { return scalars.randomElement(using: &random) ?? "a" }
        return Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random)) ?? "?"
    }

    private static func written(_ scalar: Unicode.Scalar, using random: inout SeededGenerator) -> String {
        let short: [Unicode.Scalar: String] = [
            "\"": "\\\"", "\\": "\\\\", "/": "\\/", "\u{8}": "\\b", "\u{C}": "\\f", "\n": "\\n", "\r": "\\r",
            "\t": "\\t",
        ]
        let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
        guard mustEscape || Int.random(in: 0...3, using: &random) == 0 else { return String(scalar) }
        if let text = short[scalar], Bool.random(using: &random) { return text }
        return String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    /// Returns `text` after one to three changes: a byte is replaced, removed, repeated or inserted.
    static func spoilt(_ text: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        let tokens =
            Array(#"{}[]:,"\/u0123456789+-.eEtrufalsn dD8C"#.utf8) + [
                0x00, 0x0A, 0x1F, 0x80, 0xC0, 0xED, 0xA0, 0xF4, 0xFF,
            ]
        var bytes = text
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let byte = tokens.randomElement(using: &random) ?? 0
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0: bytes.insert(byte, at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count: bytes.insert(bytes[place], at: place)
            case 3 where place < bytes.count: bytes[place] = byte
            default: bytes.removeLast(min(bytes.count, 1))
            }
        }
        return bytes
    }
}
