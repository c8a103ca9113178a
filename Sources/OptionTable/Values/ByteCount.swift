// SPDX-License-Identifier: MIT
// fetchpool

/// A size in bytes.
package struct ByteCount: Sendable, Hashable {
    /// The size, in bytes.
    package var bytes: Int

    /// The number of bytes to write in a message to a worker: at most 2^53 − 1, because workers read no
    /// larger integer.
    ///
    /// In practice, no file and no process is larger.
    package var bytesInMessages: Int { min(bytes, 1 << 53 - 1) }

    /// Creates a size from a number of bytes.
    package init(bytes: Int) {
        self.bytes = bytes
    }
}

extension ByteCount: Comparable {
    /// Returns true if the left size is smaller than the right size.
    package static func < (left: Self, right: Self) -> Bool {
        left.bytes < right.bytes
    }
}

extension ByteCount: OptionValue {
    /// The expected text: a number with a unit, or a number alone, which means bytes.
    package static var expectation: String { "a size such as 64KiB, 10MB or 512" }

    /// Creates a size from a number and a unit; `nil` if the text has another form or too many digits.
    ///
    /// The unit may be in upper or lower case. Without a unit, or with the unit `B`, the number is in bytes.
    ///
    /// `kB`, `MB`, `GB` and `TB` are powers of 1000; `KiB`, `MiB`, `GiB` and `TiB` are powers of 1024 (IEC
    /// 80000-13). Only units larger than a byte allow a decimal fraction; the result is rounded up. More than
    /// `Int.max` bytes are refused.
    package init?(optionText text: String) {
        let (number, name) = text.numberAndUnit
        guard let unit = Self.units[name], let number = ExactDecimal(number) else { return nil }
        guard unit > 1 || !number.hasFraction else { return nil }
        guard let bytes = number.times(unit).flatMap(Int.init(exactly:)) else { return nil }
        self.init(bytes: bytes)
    }

    /// The size as the value of an option, such as `32MiB`.
    ///
    /// The unit is the largest of KiB, MiB, GiB and TiB that divides the size. If none divides the size, or
    /// if the size is 0, the text is the number of bytes without a unit.
    package var optionText: String {
        for (name, unit) in [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        where bytes > 0 && bytes.isMultiple(of: unit) {
            return "\(bytes / unit)\(name)"
        }
        return "\(bytes)"
    }

    private static let units: [String: Int64] = [
        "": 1, "b": 1,
        "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
        "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
    ]
}
