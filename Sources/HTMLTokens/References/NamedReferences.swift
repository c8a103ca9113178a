// SPDX-License-Identifier: MIT
// fetchpool

/// The names of the HTML standard's section 13.5, "Named character references".
///
/// For each length, one static text holds all names of this length, sorted by their bytes. The characters
/// that a name stands for follow the name. All entries of a text are equally long, so a binary search needs
/// no index.
enum NamedReferences {
    /// The characters that a name stands for.
    struct Entry {
        /// The character, and a second character or zero.
        let scalars: (UInt32, UInt32)
        /// True if the name is also valid without a semicolon.
        let mayBeOpen: Bool
    }

    /// The length of the longest name, `CounterClockwiseContourIntegral`.
    static let longestName = 31
    /// The length of the longest names that are valid without a semicolon, such as `Ccedil`.
    static let longestOpenName = 6
    /// The length of the part after the name, in bytes.
    ///
    /// This part consists of five hexadecimal digits for the first character, and one byte. The byte stands
    /// for the second character, for `mayBeOpen`, or for neither.
    private static let valueLength = 6

    /// Returns the entry for a name without its semicolon; `nil` if the name is unknown.
    static func find(_ name: Span<UInt8>) -> Entry? {
        table(ofLength: name.count).withUTF8Buffer { bytes in
            let table = unsafe bytes.span
            let stride = name.count + valueLength
            var (low, high) = (0, table.count / stride)
            while low < high {
                let middle = (low + high) / 2
                let order = order(of: name, to: table, at: middle * stride)
                if order == 0 { return entry(in: table, at: middle * stride + name.count) }
                if order < 0 { high = middle } else { low = middle + 1 }
            }
            return nil
        }
    }

    /// Compares `name` with the name at `start`.
    ///
    /// Returns a negative number if `name` sorts first, 0 if both are equal, and a positive number
    /// otherwise.
    private static func order(of name: Span<UInt8>, to table: Span<UInt8>, at start: Int) -> Int {
        for index in name.indices where name[index] != table[start + index] {
            return Int(name[index]) - Int(table[start + index])
        }
        return 0
    }

    private static func entry(in table: Span<UInt8>, at start: Int) -> Entry {
        var scalar: UInt32 = 0
        for index in start..<start + 5 {
            let digit = table[index]
            scalar = scalar << 4 | UInt32(digit < 0x40 ? digit & 0x0F : digit &- 0x37)
        }
        let rest = table[start + 5]
        let second: UInt32 =
            switch rest {
            case UInt8(ascii: "/"): 0x0338
            case UInt8(ascii: "|"): 0x20D2
            case UInt8(ascii: "="): 0x20E5
            case UInt8(ascii: "_"): 0x0333
            case UInt8(ascii: "~"): 0x0331
            case UInt8(ascii: "s"): 0xFE00
            case UInt8(ascii: "t"): 0x200A
            case UInt8(ascii: "j"): 0x6A
            default: 0
            }
        return Entry(scalars: (scalar, second), mayBeOpen: rest == UInt8(ascii: "o"))
    }
}
