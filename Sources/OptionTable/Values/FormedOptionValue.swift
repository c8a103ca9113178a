// SPDX-License-Identifier: MIT
// fetchpool

/// A type whose words are read by one form, which can say what is wrong with a word.
package protocol FormedOptionValue: OptionValue {
    /// The form of the words.
    static var form: ValueForm<Self> { get }
}

extension FormedOptionValue {
    /// The expectation of the form.
    package static var expectation: String { form.expectation }

    /// Creates a value; `nil` if the form does not accept `text`.
    package init?(optionText text: String) {
        guard let value = try? Self.form.read(text) else { return nil }
        self = value
    }
}
