// SPDX-License-Identifier: MIT
// fetchpool

// Values in the form in which our own programs write them. Any other form is refused, though it may be right: the general reader
// is asked then.

extension JSONCursor {
    /// Reads a whole number of up to 15 digits; `nil` if something else begins here.
    ///
    /// A point or an exponent may follow: whoever goes on compares with what must follow.
    @inline(__always)
    mutating func integer() -> Int? {
        let start = position
        let first = byte
        var number = 0
        while true {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            number = number &* 10 &+ Int(digit)
            position &+= 1
        }
        let count = position &- start
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
        let start = position
        var thousandths = whole
        while true {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            thousandths = thousandths &* 10 &+ Int(digit)
            position &+= 1
        }
        // Dividend and divisor are exact, so the division rounds as reading the decimals would.
        switch position &- start {
        case 1: return Double(thousandths) / 10
        case 2: return Double(thousandths) / 100
        case 3: return Double(thousandths) / 1_000
        default: return nil
        }
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
