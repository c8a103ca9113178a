// SPDX-License-Identifier: MIT
// fetchpool

extension Array: OptionValue where Element: OptionValue {
    /// A description of the form: a list in one word, such as `408,425`.
    package static var expectation: String { ValueForm.list(of: ValueForm<Element>.spelled).expectation }

    /// Creates a list from parts that are separated by commas; `nil` if a part is empty or unreadable.
    package init?(optionText text: String) {
        guard let list = try? ValueForm.list(of: ValueForm<Element>.spelled).read(text) else { return nil }
        self = list
    }
}
