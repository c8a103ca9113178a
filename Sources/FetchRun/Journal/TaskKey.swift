// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The id of a task in the form in which a journal stores it.
///
/// Hashes have a new seed in each process, so no list of ids can cause collisions on purpose.
enum TaskKey: Hashable, Sendable {
    /// An integer, such as the number of a line.
    case number(Int)
    /// The hash of a string, or of an integer of more than 64 bits.
    case hash(UInt64)

    /// Creates the key of an id, a JSON string or a JSON integer.
    init(_ json: Span<UInt8>) {
        guard json[0] != UInt8(ascii: "\"") else {
            self = .hash(TextHash.of(string: json))
            return
        }
        self = Self.integer(json).map { .number($0) } ?? .hash(TextHash.of(json))
    }

    /// Returns the value of an integer; `nil` if it has more than 64 bits.
    private static func integer(_ digits: Span<UInt8>) -> Int? {
        let isNegative = digits[0] == UInt8(ascii: "-")
        var value = 0
        for index in (isNegative ? 1 : 0)..<digits.count {
            let (tens, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = tens.addingReportingOverflow(Int(digits[index] &- UInt8(ascii: "0")))
            guard !overflows, !overflowsToo else { return nil }
            value = sum
        }
        return isNegative ? -value : value
    }
}

/// A hash of a text, with a seed of this process.
enum TextHash {
    /// Returns the hash of a JSON string; two strings with the same characters have the same hash, whatever
    /// their escapes are.
    ///
    /// A string with half a surrogate pair is hashed as it is written.
    static func of(string json: Span<UInt8>) -> UInt64 {
        let inside = 1..<json.count - 1
        guard json.indices.contains(where: { json[$0] == UInt8(ascii: "\\") }) else {
            return of(json.extracting(inside))
        }
        let value = JSONValue(kind: .string, range: 0..<json.count, isEscaped: true)
        guard let text = json.text(of: value) else { return of(json.extracting(inside)) }
        return of(text.span)
    }

    /// Returns the hash of bytes.
    static func of(_ bytes: Span<UInt8>) -> UInt64 {
        var hasher = Hasher()
        // The buffer is used only during the call.
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
