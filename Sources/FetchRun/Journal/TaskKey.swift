// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The id of a task, as a journal stores it.
///
/// Hashes have a new seed in each process, so nobody can choose ids whose hashes collide.
enum TaskKey: Hashable, Sendable {
    /// An integer, such as the number of a line.
    case number(Int)
    /// The hash of a string, or of an integer beyond ±(2^63 − 1).
    case hash(UInt64)

    /// Creates the key of an id; the id is a JSON string or a JSON integer.
    ///
    /// If `isText` is true, the records hold each id as a string. So a string that is an integer in its usual
    /// form has the key of that integer.
    init(_ json: Span<UInt8>, isText: Bool) {
        guard isText else {
            self.init(json)
            return
        }
        let isString = json[0] == UInt8(ascii: "\"")
        let text = isString ? json.extracting(1..<json.count - 1) : json
        if let number = Int(String(decoding: text.array(0..<text.count), as: UTF8.self)),
            String(number).utf8.elementsEqual(text.array(0..<text.count))
        {
            self = .number(number)
        } else {
            self = .hash(isString ? TextHash.of(string: json) : TextHash.of(json))
        }
    }

    /// The key of the string that holds the digits of this integer.
    ///
    /// For the key of a string, the result is a key that no string has.
    var asText: Self {
        switch self {
        case .number(let number):
            let digits = Array(String(number).utf8)
            return .hash(TextHash.of(digits.span))
        case .hash(let hash): return .hash(~hash)
        }
    }

    /// An evenly distributed number for a `KeyTable`.
    var spread: UInt64 {
        switch self {
        case .number(let number):
            var hasher = Hasher()
            hasher.combine(number)
            return UInt64(bitPattern: Int64(hasher.finalize()))
        case .hash(let hash): return hash
        }
    }

    private init(_ json: Span<UInt8>) {
        guard json[0] != UInt8(ascii: "\"") else {
            self = .hash(TextHash.of(string: json))
            return
        }
        // The string with the same digits is another id. So the hash of the integer is the inverted hash of
        // that string.
        self = Self.integer(json).map { .number($0) } ?? .hash(~TextHash.of(json))
    }

    /// Returns the value of an integer; `nil` if the integer is beyond ±(2^63 − 1).
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
    /// Half a surrogate pair counts as U+FFFD, because some records have U+FFFD in its place.
    static func of(string json: Span<UInt8>) -> UInt64 {
        let inside = 1..<json.count - 1
        guard json.indices.contains(where: { json[$0] == UInt8(ascii: "\\") }) else {
            return of(json.extracting(inside))
        }
        let value = JSONValue(kind: .string, range: 0..<json.count, isEscaped: true)
        let text = json.mendedText(of: value) ?? []
        return of(text.span)
    }

    static func of(_ bytes: Span<UInt8>) -> UInt64 {
        var hasher = Hasher()
        // The buffer is used only during the call.
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
