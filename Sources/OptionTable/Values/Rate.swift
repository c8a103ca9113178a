// SPDX-License-Identifier: MIT
// fetchpool

/// A number of events a second.
package struct Rate: Sendable, Hashable {
    /// The number of events a second: positive and finite.
    package var perSecond: Double

    /// Creates a rate from a number of events a second.
    package init(perSecond: Double) {
        self.perSecond = perSecond
    }
}

extension Rate: OptionValue {
    /// A description of the form: a positive number of events a second.
    package static var expectation: String { "a rate above zero such as 10/s or 0.5/s" }

    /// Creates a rate from a decimal number above zero, with or without `/s`; `nil` if the text has another
    /// form or too many digits.
    package init?(optionText text: String) {
        let number = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
        // `ExactDecimal` is tried first, because `Double` alone also reads "inf", "nan", hexadecimal numbers
        // and exponents.
        guard ExactDecimal(number) != nil, let perSecond = Double(number), perSecond > 0 else { return nil }
        self.init(perSecond: perSecond)
    }
}
