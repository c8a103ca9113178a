// SPDX-License-Identifier: MIT
// fetchpool

// Functions that read values in the form that this project's programs write. `JSONScanner` reads all valid
// forms. After a function has returned `nil` or `false`, the cursor can stand at another position than
// before the call.
//
// Bounds of the unsafe code here: each byte is read only after its position was compared with `end`.

extension JSONCursor {
    /// Reads a whole number of up to 15 digits; returns `nil` if there is no such number at the cursor.
    ///
    /// A sign, or a zero before other digits, gives `nil`. A point or an exponent can follow the number, so
    /// the caller must check what follows.
    @inline(__always)
    mutating func integer() -> Int? {
        let first = byte
        var number = 0
        let count = digits(into: &number)
        // A number with several digits must not begin with zero (RFC 8259 §6).
        guard count == 1 || count > 1 && count < 16 && first != UInt8(ascii: "0") else { return nil }
        return number
    }

    /// Reads milliseconds below 10^9 with up to three decimals; returns `nil` if there is no such number at
    /// the cursor.
    @inline(__always)
    mutating func milliseconds() -> Double? {
        guard let whole = integer(), whole < 1_000_000_000 else { return nil }
        guard byte == UInt8(ascii: ".") else { return Double(whole) }
        position &+= 1
        var thousandths = whole
        // `Double` holds dividend and divisor exactly, so the quotient is the `Double` that is nearest to the
        // decimal number.
        switch digits(into: &thousandths) {
        case 1: return Double(thousandths) / 10
        case 2: return Double(thousandths) / 100
        case 3: return Double(thousandths) / 1_000
        default: return nil
        }
    }

    /// Moves past digits, appends them to the digits of `number`, and returns their count.
    ///
    /// With too many digits for an `Int`, `number` is wrong, so callers must check the count.
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

    /// Moves past milliseconds and the comma after them; returns `false` if the milliseconds or the comma is
    /// missing.
    @inline(__always)
    mutating func takeMilliseconds() -> Bool { milliseconds() != nil && take(",") }

    /// Moves past a string; returns `false` if there is no valid string at the cursor.
    @inline(__always)
    mutating func takeString() -> Bool {
        guard byte == UInt8(ascii: "\"") else { return false }
        return (try? string()) != nil
    }

    /// Moves past an object and returns its range; `nil` if there is no valid object at the cursor.
    ///
    /// The result is also `nil` if the object nests too deep (`maxDepth`).
    @inline(__always)
    mutating func object() -> Range<Int>? {
        let start = position
        guard byte == UInt8(ascii: "{"), (try? skipObject(depth: 1)) != nil else { return nil }
        return start..<position
    }
}
