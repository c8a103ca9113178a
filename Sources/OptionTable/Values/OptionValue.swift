// SPDX-License-Identifier: MIT
// fetchpool

/// A type whose values can be read from one word of a command line.
///
/// A `CaseIterable` enumeration with `String` raw values needs only to declare that it conforms.
package protocol OptionValue: Sendable {
    /// A description of the accepted words, for messages such as `expected a whole number`.
    static var expectation: String { get }

    /// Creates a value; `nil` if `text` is not an accepted word.
    init?(optionText text: String)
}

extension String: OptionValue {
    /// A description of the accepted words; all words are accepted.
    package static var expectation: String { "text" }

    /// Creates a copy of the text.
    package init?(optionText text: String) {
        self = text
    }
}

extension Int: OptionValue {
    /// A description of the accepted words: integers in decimal digits.
    package static var expectation: String { "a whole number" }

    /// Creates a number from decimal digits with an optional sign; `nil` for any other text, or if the number
    /// does not fit into `Int`.
    package init?(optionText text: String) {
        self.init(text, radix: 10)
    }
}
