// SPDX-License-Identifier: MIT
// fetchpool

/// A type of option values that a `ValueForm` reads.
///
/// The row of an option with such a value needs the argument `accepting: Value.form`. Otherwise the error
/// says only what was expected, not what is wrong.
package protocol FormedOptionValue: OptionValue {
    /// The form that reads a value.
    static var form: ValueForm<Self> { get }
}

extension FormedOptionValue {
    /// The form's description of the accepted words.
    package static var expectation: String { form.expectation }

    /// Creates a value; `nil` if the form does not accept `text`.
    package init?(optionText text: String) {
        guard let value = try? Self.form.read(text) else { return nil }
        self = value
    }
}
