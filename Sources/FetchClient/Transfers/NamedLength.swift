// SPDX-License-Identifier: MIT
// fetchpool

/// The length that a header gives in its `Content-Length` fields (RFC 9110 §8.6).
///
/// With different lengths, the start of the next response is unclear (RFC 9112 §6.3). The same length may be
/// repeated, in several fields or in a list.
struct NamedLength: Sendable {
    private enum Value: Equatable {
        case number(Int)
        /// A number that is too large for `Int`.
        case large([UInt8])
        case other([UInt8])
    }

    /// True if the header gives two different values; each value counts, even one that is not a number.
    private(set) var differs = false
    private var named: Value?

    /// The length; `nil` if the header gives no length, different lengths, or a length that is invalid or too
    /// large.
    var number: Int? {
        guard !differs, case .number(let number) = named else { return nil }
        return number
    }

    /// True if the last value is a number that is too large for `Int`.
    ///
    /// libcurl ignores such a length, and reads to the end of the connection.
    var isTooLarge: Bool {
        if case .large = named { true } else { false }
    }

    /// True if the last value is not a number.
    var isNoNumber: Bool {
        if case .other = named { true } else { false }
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
                return bytes.allSatisfy { 0x30...0x39 ~= $0 } ? .large(bytes) : .other(bytes)
            }
            number = product + digit
        }
        return start < end ? .number(number) : .other([])
    }
}
