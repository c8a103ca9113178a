// SPDX-License-Identifier: MIT
// fetchpool

/// A check of a JSON value against the limits of common JSON readers.
///
/// RFC 8259 allows values that some readers refuse. A reader that refuses one value refuses the whole record,
/// so one page could stop the program that reads the results. A portable value follows three rules. The first
/// two are rules of I-JSON (RFC 7493).
///
/// - Each number lies within the range of a double (§2.2). For example, orjson and Polars refuse `1e400`.
/// - Each `\u` escape of a surrogate is half of a pair (§2.1). DuckDB refuses lone surrogates.
/// - Arrays and objects are at most `maxDepth` deep. jq 1.6 reads at most 256 levels, and the levels of the
///   record around the value count too.
struct PortableJSON {
    static let maxDepth = 200

    /// The length up to which a number without an exponent is always in range.
    ///
    /// The largest double has 309 digits.
    private static let surelyFiniteCount = 308

    private let text: [UInt8]
    private var offset = 0

    private init(_ text: [UInt8]) {
        self.text = text
    }

    /// Returns `true` if `text`, one valid JSON text, is portable.
    static func allows(_ text: [UInt8]) -> Bool {
        var check = PortableJSON(text)
        var depth = 0
        while check.offset < text.count {
            switch text[check.offset] {
            case UInt8(ascii: "\""):
                guard check.string() else { return false }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard check.number() else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= maxDepth else { return false }
                check.offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                check.offset += 1
            default:
                check.offset += 1
            }
        }
        return true
    }

    /// Moves past the string that begins at `offset`; returns `false` at a lone surrogate.
    private mutating func string() -> Bool {
        offset += 1
        while text[offset] != UInt8(ascii: "\"") {
            guard text[offset] == UInt8(ascii: "\\") else {
                offset += 1
                continue
            }
            guard let unit = escapedUnit() else {
                offset += 2
                continue
            }
            offset += 6
            switch unit {
            case 0xD800...0xDBFF:
                guard let low = escapedUnit(), 0xDC00...0xDFFF ~= low else { return false }
                offset += 6
            case 0xDC00...0xDFFF:
                return false
            default:
                break
            }
        }
        offset += 1
        return true
    }

    /// Returns the UTF-16 code unit of the `\u` escape that begins at `offset`; `nil` if there is no such
    /// escape.
    private func escapedUnit() -> UInt32? {
        guard text[offset] == UInt8(ascii: "\\"), text[offset + 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt32 = 0
        for index in offset + 2..<offset + 6 {
            // The value of a digit is its low four bits. The value of a letter is its low four bits plus 9.
            let byte = UInt32(text[index])
            unit = unit << 4 | (byte & 0xF) + (byte < 0x3A ? 0 : 9)
        }
        return unit
    }

    /// Moves past the number that begins at `offset`; returns `false` for a number beyond a double's range.
    private mutating func number() -> Bool {
        let start = offset
        var hasExponent = false
        number: while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "."):
                break
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                hasExponent = true
            default:
                break number
            }
            offset += 1
        }
        guard hasExponent || offset - start > Self.surelyFiniteCount else { return true }
        return Double(String(decoding: text[start..<offset], as: UTF8.self))?.isFinite ?? false
    }
}
