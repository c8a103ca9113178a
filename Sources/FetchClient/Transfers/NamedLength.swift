// SPDX-License-Identifier: MIT
// fetchpool

/// The length that the `Content-Length` fields of one header name (RFC 9110 §8.6).
///
/// Different lengths leave it unclear where the next response begins (RFC 9112 §6.3); libcurl 7.88 uses the
/// last one. The same length may be named more than once, in several fields or in a list.
struct NamedLength: Sendable {
    private enum Value: Equatable {
        case number(Int)
        /// A value that is not a number, which libcurl interprets by its own rules.
        case other([UInt8])
    }

    /// True if two different lengths were named.
    private(set) var differs = false
    private var named: Value?

    /// The only length named; nil if there is none or there are several.
    var number: Int? {
        guard !differs, case .number(let number) = named else { return nil }
        return number
    }

    /// Processes the value of one field.
    mutating func note(_ field: Span<UInt8>) {
        var start = 0
        for index in 0...field.count where index == field.count || field[index] == UInt8(ascii: ",") {
            noteElement(field.extracting(start..<index))
            start = index + 1
        }
    }

    private mutating func noteElement(_ text: Span<UInt8>) {
        let value = Self.value(text)
        if let named, named != value { differs = true }
        named = value
    }

    private static func value(_ text: Span<UInt8>) -> Value {
        var (start, end) = (0, text.count)
        while start < end, text[start] == 0x20 || text[start] == 0x09 { start += 1 }
        while end > start, text[end - 1] == 0x20 || text[end - 1] == 0x09 { end -= 1 }
        var number = 0
        for index in start..<end {
            let digit = Int(text[index]) - 0x30
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            guard 0...9 ~= digit, !isTooLarge, product <= Int.max - digit else {
                var bytes: [UInt8] = []
                for other in start..<end { bytes.append(text[other]) }
                return .other(bytes)
            }
            number = product + digit
        }
        return start < end ? .number(number) : .other([])
    }
}
