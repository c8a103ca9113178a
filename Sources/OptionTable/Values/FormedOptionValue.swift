// SPDX-License-Identifier: MIT
// fetchpool

/// A type of option values that a `ValueForm` reads.
///
/// The error of the form says what is wrong with a text. The error of `ValueForm.spelled` says only what was
/// expected. So an option with such a value needs the argument `accepting: Value.form` in its row.
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
