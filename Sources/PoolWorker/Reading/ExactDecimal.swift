// SPDX-License-Identifier: MIT
// fetchpool

/// A JSON number whose value is an integer, also in a form such as `1.0` or `1e3`.
struct ExactDecimal {
    private let isNegative: Bool
    /// The digits without leading and trailing zeros; empty for zero.
    private let digits: [UInt8]
    /// The number of zeros that follow the digits.
    private let zeros: Int

    /// Reads a valid JSON number; returns `nil` if its value is not an integer.
    init?(_ number: Span<UInt8>) {
        var digits: [UInt8] = []
        var position = 0
        isNegative = number[0] == UInt8(ascii: "-")
        if isNegative { position = 1 }
        var exponent = 0
        var isFraction = false
        while position < number.count {
            let byte = number[position]
            if byte | 0x20 == UInt8(ascii: "e") { break }
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                digits.append(byte - UInt8(ascii: "0"))
                if isFraction { exponent -= 1 }
            }
            position += 1
        }
        exponent += Self.exponent(number, at: position + 1)
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        self.digits = Array(digits.drop { $0 == 0 })
        zeros = self.digits.isEmpty ? 0 : exponent
        guard zeros >= 0 else { return nil }
    }

    /// Returns the exponent whose text begins at `start`; 0 if `number` ends before `start`.
    ///
    /// A magnitude above 2^40 becomes 2^40, so that `exponent` cannot overflow.
    private static func exponent(_ number: Span<UInt8>, at start: Int) -> Int {
        var position = start
        guard position < number.count else { return 0 }
        let sign = number[position]
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { position += 1 }
        var exponent = 0
        while position < number.count {
            exponent = min(exponent * 10 + Int(number[position] - UInt8(ascii: "0")), 1 << 40)
            position += 1
        }
        return sign == UInt8(ascii: "-") ? -exponent : exponent
    }

    /// Returns the number; `nil` if the type cannot hold it.
    func integer<Number: FixedWidthInteger>(as type: Number.Type) -> Number? {
        var result: Number = 0
        func append(_ digit: UInt8) -> Bool {
            let (product, isTooLarge) = result.multipliedReportingOverflow(by: 10)
            // Negative numbers are built downwards, because the least number has no positive counterpart.
            let digit = Number(digit)
            let (sum, isBeyond) =
                isNegative
                ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            result = sum
            return !isTooLarge && !isBeyond
        }
        for digit in digits { guard append(digit) else { return nil } }
        // Even if `zeros` is large, the loop ends soon, because the number overflows.
        for _ in 0..<zeros { guard append(0) else { return nil } }
        return result
    }
}
