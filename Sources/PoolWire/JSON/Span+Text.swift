// SPDX-License-Identifier: MIT
// fetchpool

// Functions that read values of a valid JSON text, and compare strings of the text with static strings.

extension Span<UInt8> {
    /// Returns `true` if the bytes at `range` are equal to `text`.
    @inline(__always)
    package func holds(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard text.utf8CodeUnitCount == range.count else { return false }
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range past the end")
        // The buffer covers the span. The pointer of a static string covers its bytes and is always valid.
        return unsafe withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return true }
            return unsafe PlainText.isEqual(base + range.lowerBound, text.utf8Start, text.utf8CodeUnitCount)
        }
    }

    /// Returns `true` if a value is the string `text`, with or without escapes.
    @inline(__always)
    package func isText(_ value: JSONValue, _ text: StaticString) -> Bool {
        guard value.kind == .string else { return false }
        guard value.isEscaped else { return holds(text, at: value.inside) }
        return isEscapedText(value, text)
    }

    /// Returns `true` if a member's name is `name`, with or without escapes.
    @inline(__always)
    package func isName(_ member: JSONMember, _ name: StaticString) -> Bool {
        guard member.name.isEscaped else { return holds(name, at: member.name.inside) }
        return isEscapedText(member.name, name)
    }

    private func isEscapedText(_ value: JSONValue, _ text: StaticString) -> Bool {
        self.text(of: value).map { $0.span.holds(text, at: 0..<$0.count) } ?? false
    }

    /// Returns the text of a string value with its escapes decoded, as UTF-8.
    ///
    /// The result is `nil` if the value is not a string, or contains a lone surrogate (`LoneSurrogates`).
    package func text(of value: JSONValue) -> [UInt8]? {
        guard value.kind == .string else { return nil }
        let inside = value.inside
        guard value.isEscaped else { return array(inside) }
        var text: [UInt8] = []
        text.reserveCapacity(inside.count)
        var position = inside.lowerBound
        while position < inside.upperBound {
            guard self[position] == UInt8(ascii: "\\") else {
                text.append(self[position])
                position += 1
                continue
            }
            guard let next = appendEscape(at: position, to: &text) else { return nil }
            position = next
        }
        return text
    }

    /// Returns the text of a string value as `text(of:)` does, with U+FFFD in place of each lone surrogate.
    ///
    /// The result is `nil` if the value is not a string.
    package func mendedText(of value: JSONValue) -> [UInt8]? {
        if let text = text(of: value) { return text }
        guard value.kind == .string, let mended = LoneSurrogates.replaced(in: extracting(value.range)) else {
            return nil
        }
        let whole = JSONValue(kind: .string, range: 0..<mended.count, isEscaped: true)
        return mended.span.text(of: whole)
    }

    /// Returns a copy of the bytes at `range`.
    package func array(_ range: Range<Int>) -> [UInt8] {
        let part = extracting(range)
        // The buffer is used only during this call and covers the extracted bytes.
        return unsafe part.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Returns the integer of a number value, from 0 to 2^53 − 1; `nil` for any other value.
    ///
    /// Numbers with a sign, a fraction or an exponent give `nil` too.
    package func integer(of value: JSONValue) -> Int? {
        guard value.kind == .number, value.range.count <= 16 else { return nil }
        var result = 0
        for index in value.range {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            result = result * 10 + Int(digit)
        }
        return result < 1 << 53 ? result : nil
    }

    /// Returns the number of a number value; `nil` for any other value, or if the number is too large.
    package func double(of value: JSONValue) -> Double? {
        guard value.kind == .number else { return nil }
        if let number = shortDecimal(value.range) { return number }
        guard let number = Double(String(decoding: array(value.range), as: UTF8.self)) else { return nil }
        return number.isFinite ? number : nil
    }

    /// Returns the number of a short decimal; `nil` for all other forms.
    ///
    /// A short decimal has no sign, no exponent, at most 16 bytes, and at most 6 digits after the point. Its
    /// digits form a number below 2^53. This number and the power of ten are exact as `Double`, so their
    /// quotient is rounded correctly.
    private func shortDecimal(_ range: Range<Int>) -> Double? {
        guard range.count <= 16 else { return nil }
        var (digits, power, isFraction) = (0, 1, false)
        for index in range {
            let digit = self[index] &- UInt8(ascii: "0")
            if digit < 10 {
                digits = digits &* 10 &+ Int(digit)
                if isFraction { power &*= 10 }
            } else {
                guard self[index] == UInt8(ascii: "."), !isFraction else { return nil }
                isFraction = true
            }
        }
        guard digits < 1 << 53, power <= 1_000_000 else { return nil }
        return Double(digits) / Double(power)
    }

    /// Returns the number of a number value, from 0 to 10^9; larger numbers become 10^9.
    ///
    /// The result is `nil` for a number with a minus sign, and for a value that is not a number. Because of
    /// the bound, the conversion to a `Duration` or an `Int` cannot trap.
    func magnitude(of value: JSONValue) -> Double? {
        guard value.kind == .number, self[value.range.lowerBound] != UInt8(ascii: "-") else { return nil }
        return min(double(of: value) ?? 1e9, 1e9)
    }

    /// Returns the number that the four hexadecimal digits at `position` form; `nil` if fewer than four
    /// digits are there.
    func hexValue(at position: Int) -> UInt32? {
        guard position + 4 <= count else { return nil }
        var result: UInt32 = 0
        for index in position..<position + 4 {
            let digit: UInt8
            switch self[index] {
            case let byte where byte &- UInt8(ascii: "0") < 10: digit = byte &- UInt8(ascii: "0")
            case let byte where (byte | 0x20) &- UInt8(ascii: "a") < 6:
                digit = (byte | 0x20) &- UInt8(ascii: "a") + 10
            default: return nil
            }
            result = result << 4 | UInt32(digit)
        }
        return result
    }

    private func appendEscape(at position: Int, to text: inout [UInt8]) -> Int? {
        switch self[position + 1] {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): return appendScalar(at: position, to: &text)
        case let byte: text.append(byte)
        }
        return position + 2
    }

    private func appendScalar(at position: Int, to text: inout [UInt8]) -> Int? {
        guard var code = hexValue(at: position + 2) else { return nil }
        var next = position + 6
        if code & 0xFC00 == 0xD800 {
            guard next + 6 <= count, self[next] == UInt8(ascii: "\\"), self[next + 1] == UInt8(ascii: "u"),
                let low = hexValue(at: next + 2), low & 0xFC00 == 0xDC00
            else { return nil }
            code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
            next += 6
        }
        guard let scalar = Unicode.Scalar(code) else { return nil }
        text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
        return next
    }
}

extension Span<UInt8> {
    /// Returns the value of the member called `name` in an object; `nil` if there is none.
    ///
    /// If several members have this name, the last member counts.
    ///
    /// - Throws: `JSONSyntaxError` if `object` is not an object.
    package func member(_ name: StaticString, of object: JSONValue) throws(JSONSyntaxError) -> JSONValue? {
        var scanner = JSONScanner(at: object.range.lowerBound)
        var found: JSONValue?
        try scanner.enterObject(in: self)
        while let member = try scanner.nextMember(in: self) {
            if isName(member, name) { found = member.value }
        }
        return found
    }
}
