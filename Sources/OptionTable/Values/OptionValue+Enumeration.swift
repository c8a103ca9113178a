// SPDX-License-Identifier: MIT
// fetchpool

extension OptionValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    /// A description of the form: the raw values in the order of the cases, such as "auto, on or off".
    package static var expectation: String {
        let names = allCases.map(\.rawValue)
        guard let last = names.last, names.count > 1 else { return names.first ?? "nothing" }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }

    /// Creates the case whose raw value is `text`; `nil` if there is no such case.
    package init?(optionText text: String) {
        self.init(rawValue: text)
    }
}
