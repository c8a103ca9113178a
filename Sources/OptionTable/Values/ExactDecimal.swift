// SPDX-License-Identifier: MIT
// fetchpool

/// A decimal number without a sign, as typed: `1.5` is stored as 15 divided by 10.
///
/// A `Double` could not hold `0.1` exactly.
struct ExactDecimal: Equatable {
    private var digits: Int128
    private var divisor: Int128

    /// True if there are digits after a point.
    var hasFraction: Bool { divisor > 1 }

    /// Reads digits, optionally with a point and more digits; `nil` for any other text, and for more than 36
    /// digits.
    init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(
            separator: UInt8(ascii: "."),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let all = parts.joined()
        guard all.count <= 36, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        (digits, divisor) = (0, 1)
        for byte in all {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            digits = digits * 10 + Int128(byte - UInt8(ascii: "0"))
        }
        for _ in parts.count > 1 ? parts[1] : parts[0].prefix(0) {
            divisor *= 10
        }
    }

    /// Returns the product of the number and `unit`, rounded up to an integer; `nil` on overflow.
    func times(_ unit: Int64) -> Int64? {
        let (product, overflow) = digits.multipliedReportingOverflow(by: Int128(unit))
        guard !overflow else { return nil }
        let (quotient, remainder) = product.quotientAndRemainder(dividingBy: divisor)
        return Int64(exactly: quotient + (remainder > 0 ? 1 : 0))
    }
}

extension StringProtocol {
    /// The text, split before its first ASCII letter: a number, and a unit in lower case.
    var numberAndUnit: (number: SubSequence, unit: String) {
        let number = prefix { !($0.isASCII && $0.isLetter) }
        return (number, self[number.endIndex...].lowercased())
    }
}
