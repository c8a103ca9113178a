// SPDX-License-Identifier: MIT
// fetchpool

/// A description of the words that an option accepts, and the function that converts a word to a value.
package struct ValueForm<Value: Sendable>: Sendable {
    /// A description of the accepted words, for messages such as `expected a whole number`.
    package let expectation: String
    private let reading: @Sendable (String) throws(UsageError) -> Value

    /// Creates a form; `read` can omit the option's name from its errors, because the parser adds the name.
    package init(
        expectation: String,
        read: @escaping @Sendable (String) throws(UsageError) -> Value
    ) {
        (self.expectation, reading) = (expectation, read)
    }

    /// Creates a form; `parse` returns `nil` for a word that does not match the expectation.
    package init(expectation: String, parse: @escaping @Sendable (String) -> Value?) {
        self.init(expectation: expectation) { text throws(UsageError) in
            guard let value = parse(text) else {
                throw UsageError("expected \(expectation), got \(text.quoted)")
            }
            return value
        }
    }

    /// Reads one word.
    ///
    /// - Throws: `UsageError` if the form does not accept the word, for example because the word names a file
    ///   that cannot be read.
    package func read(_ text: String) throws(UsageError) -> Value {
        try reading(text)
    }
}

extension ValueForm where Value: OptionValue {
    /// The form that accepts all words that the type accepts.
    package static var spelled: Self {
        Self(expectation: Value.expectation, parse: Value.init(optionText:))
    }

    /// Returns a form that accepts only values for which `isAccepted` returns true; `expectation` describes
    /// these values.
    package static func only(
        _ expectation: String,
        where isAccepted: @escaping @Sendable (Value) -> Bool
    ) -> Self {
        Self(expectation: expectation) { text in
            Value(optionText: text).flatMap { isAccepted($0) ? $0 : nil }
        }
    }
}

extension ValueForm<Int> {
    /// Returns the form of an integer within bounds, both included.
    package static func within(_ range: ClosedRange<Int>) -> Self {
        .only("a whole number from \(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
    }

    /// Returns the form of an integer of at least `least`.
    package static func atLeast(_ least: Int) -> Self {
        .only("a whole number of at least \(least)") { $0 >= least }
    }
}

extension ValueForm<Duration> {
    /// The form of a duration above zero.
    package static var aboveZero: Self {
        .only("a duration above zero such as 500ms, 30s, 5m or 1h") { $0 > .zero }
    }

    /// The form of a duration, or of 0 without a unit.
    package static var orZero: Self {
        Self(expectation: "0 or a duration such as 500ms, 30s, 5m or 1h") { text in
            text == "0" ? .zero : Duration(optionText: text)
        }
    }
}
