// SPDX-License-Identifier: MIT
// fetchpool

/// A value that can be read from one word of a command line.
///
/// An enumeration with text as its raw value needs no more than to name the protocol.
package protocol OptionValue: Sendable {
    /// What the type accepts, as it stands after "expected".
    static var expectation: String { get }

    /// Creates a value, or returns `nil` when `text` does not spell one.
    init?(optionText text: String)
}

extension String: OptionValue {
    /// Any text will do.
    package static var expectation: String { "text" }

    /// Creates a copy of the text.
    package init?(optionText text: String) {
        self = text
    }
}

extension Int: OptionValue {
    /// A whole number in decimal digits.
    package static var expectation: String { "a whole number" }

    /// Creates a number from decimal digits with an optional sign.
    package init?(optionText text: String) {
        self.init(text, radix: 10)
    }
}
