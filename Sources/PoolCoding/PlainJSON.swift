// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// Codes integers and texts without Foundation.
enum PlainJSON {
    static func append(_ number: Int, to text: inout [UInt8]) {
        guard number >= 0, number < 10 else { return append(long: number, to: &text) }
        text.append(UInt8(ascii: "0") + UInt8(number))
    }

    private static func append(long number: Int, to text: inout [UInt8]) {
        if number < 0 { text.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = text.count
        repeat {
            text.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        text[start...].reverse()
    }

    static func append(_ string: String, to text: inout [UInt8]) {
        var writer = JSONWriter()
        writer.string(string)
        writer.withBytes { bytes in
            unsafe bytes.withUnsafeBufferPointer { unsafe text.append(contentsOf: $0) }
        }
    }

    /// Returns the integer of a text of digits, perhaps with a minus; `nil` for any other text.
    static func integer(_ text: Span<UInt8>) -> Int? {
        let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        // 18 digits always fit.
        guard text.count > start, text.count - start <= 18 else { return nil }
        // A number with more digits does not begin with 0 (RFC 8259 §6).
        if text[start] == UInt8(ascii: "0"), text.count > start + 1 { return nil }
        var number = 0
        for index in start..<text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return isNegative ? -number : number
    }

    /// Returns the text of a JSON string; `nil` for any other value.
    static func string(_ text: Span<UInt8>) -> String? {
        guard let value = try? JSONScanner.document(in: text, range: 0..<text.count),
            let bytes = text.text(of: value)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
