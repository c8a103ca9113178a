// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// Encodes and decodes integers and strings as JSON without Foundation.
enum PlainJSON {
    static func append(_ number: Int, to text: inout [UInt8]) {
        guard number >= 0, number < 10 else { return append(long: number, to: &text) }
        text.append(UInt8(ascii: "0") + UInt8(number))
    }

    private static func append(long number: Int, to text: inout [UInt8]) {
        // The array has space for a sign and 19 digits, and is filled from its end.
        var digits = [20 of UInt8](repeating: 0)
        var start = digits.count
        var rest = number.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            start -= 1
            digits[start] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest > 0
        if number < 0 {
            start -= 1
            digits[start] = UInt8(ascii: "-")
        }
        unsafe digits.span.extracting(start...).withUnsafeBufferPointer {
            unsafe text.append(contentsOf: $0)
        }
    }

    static func append(_ string: String, to text: inout [UInt8]) {
        var writer = JSONWriter()
        writer.string(string)
        writer.withBytes { bytes in
            unsafe bytes.withUnsafeBufferPointer { unsafe text.append(contentsOf: $0) }
        }
    }

    /// Returns the integer of a text of 1 to 18 digits, with or without a minus sign; `nil` for any other
    /// text, and for superfluous leading zeros.
    static func integer(_ text: Span<UInt8>) -> Int? {
        let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        // 18 digits always fit into `Int`.
        guard text.count > start, text.count - start <= 18 else { return nil }
        // A number with more than one digit does not begin with 0 (RFC 8259 §6).
        if text[start] == UInt8(ascii: "0"), text.count > start + 1 { return nil }
        var number = 0
        for index in start..<text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return isNegative ? -number : number
    }

    /// Returns the text of a JSON string; `nil` for any other text, and for a lone surrogate.
    static func string(_ text: Span<UInt8>) -> String? {
        guard let value = try? JSONScanner.document(in: text, range: 0..<text.count),
            let bytes = text.text(of: value)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
