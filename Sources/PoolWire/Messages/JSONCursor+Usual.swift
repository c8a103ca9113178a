// SPDX-License-Identifier: MIT
// fetchpool

// Values in the form in which our own programs write them. Any other form is refused, though it may be right: the general reader
// is asked then.
//
// Bounds of the unsafe code here: a byte is read only after its place was compared with `end`.

extension JSONCursor {
    /// Reads a whole number of up to 15 digits; `nil` if something else begins here.
    ///
    /// A point or an exponent may follow: whoever goes on compares with what must follow.
    @inline(__always)
    mutating func integer() -> Int? {
        let first = byte
        var number = 0
        let count = digits(into: &number)
        // A zero in front of other digits is no number (RFC 8259 §6).
        guard count == 1 || count > 1 && count < 16 && first != UInt8(ascii: "0") else { return nil }
        return number
    }

    /// Reads milliseconds as they are written here, with up to three decimals; `nil` if another form begins here.
    @inline(__always)
    mutating func milliseconds() -> Double? {
        guard let whole = integer(), whole < 1_000_000_000 else { return nil }
        guard byte == UInt8(ascii: ".") else { return Double(whole) }
        position &+= 1
        var thousandths = whole
        // Dividend and divisor are exact, so the division rounds as reading the decimals would.
        switch digits(into: &thousandths) {
        case 1: return Double(thousandths) / 10
        case 2: return Double(thousandths) / 100
        case 3: return Double(thousandths) / 1_000
        default: return nil
        }
    }

    /// Steps over digits, puts them behind those of `number`, and returns how many there were.
    @inline(__always)
    private mutating func digits(into number: inout Int) -> Int {
        var place = position
        while place < end {
            let digit = unsafe base[place] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            number = number &* 10 &+ Int(digit)
            place &+= 1
        }
        defer { position = place }
        return place &- position
    }

    /// Steps over milliseconds and the comma behind them.
    @inline(__always)
    mutating func takeMilliseconds() -> Bool { milliseconds() != nil && take(",") }

    /// Steps over a string; `false` if none begins here, or one with a fault.
    @inline(__always)
    mutating func takeString() -> Bool {
        guard byte == UInt8(ascii: "\"") else { return false }
        return (try? string()) != nil
    }

    /// Steps over a member's value that is an object; `nil` if none begins here, or one with a fault.
    @inline(__always)
    mutating func object() -> Range<Int>? {
        let start = position
        guard byte == UInt8(ascii: "{"), (try? skipObject(depth: 1)) != nil else { return nil }
        return start..<position
    }
}
