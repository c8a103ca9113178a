// SPDX-License-Identifier: MIT
// fetchpool

/// A percentage from 0 % to 100 %.
package struct Percentage: Sendable, Hashable {
    /// The fraction in trillionths: 10^12 for 100 %.
    package var trillionths: Int

    /// Creates a percentage from a fraction in trillionths.
    package init(trillionths: Int) {
        self.trillionths = trillionths
    }
}

extension Percentage: OptionValue {
    /// A description of the form: a number with a percent sign.
    package static var expectation: String { "a percentage such as 5%" }

    /// Creates a percentage from a decimal number and `%`; `nil` for any other text, and for more than 100 %.
    ///
    /// Up to ten digits after the point are exact; a longer fraction is rounded up. The result can also be
    /// `nil` for a number of more than 28 digits, because the calculation can overflow.
    package init?(optionText text: String) {
        guard text.utf8.last == UInt8(ascii: "%"), let number = ExactDecimal(text.dropLast()),
            let trillionths = number.times(10_000_000_000), trillionths <= 1_000_000_000_000
        else { return nil }
        self.init(trillionths: Int(trillionths))
    }
}
