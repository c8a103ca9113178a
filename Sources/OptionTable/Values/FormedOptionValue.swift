// SPDX-License-Identifier: MIT
// fetchpool

/// A type of option values that a form reads; the error of the form says what is wrong with a text.
package protocol FormedOptionValue: OptionValue {
    /// The form that reads a value.
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
