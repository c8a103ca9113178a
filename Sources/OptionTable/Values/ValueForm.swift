// SPDX-License-Identifier: MIT
// fetchpool

/// Which words an option accepts, and how they become its value.
package struct ValueForm<Value: Sendable>: Sendable {
    /// What is accepted, as it stands after "expected".
    package let expectation: String
    private let reading: @Sendable (String) throws(UsageError) -> Value

    /// Describes a form by hand; `read` throws a sentence that does not name the option: the row adds the name.
    package init(
        expectation: String,
        read: @escaping @Sendable (String) throws(UsageError) -> Value
    ) {
        (self.expectation, reading) = (expectation, read)
    }

    /// Describes a form by hand; `read` returns `nil` for what does not match the expectation.
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
    /// - Throws: `UsageError` when the word has another form.
    package func read(_ text: String) throws(UsageError) -> Value {
        try reading(text)
    }
}

extension ValueForm where Value: OptionValue {
    /// Whatever the type accepts.
    package static var spelled: Self {
        Self(expectation: Value.expectation, parse: Value.init(optionText:))
    }

    /// What the type accepts, with a condition that `expectation` puts in words.
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
    /// A whole number within bounds, both included.
    package static func within(_ range: ClosedRange<Int>) -> Self {
        .only("a whole number from \(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
    }

    /// A whole number that is not too small.
    package static func atLeast(_ least: Int) -> Self {
        .only("a whole number of at least \(least)") { $0 >= least }
    }
}

extension ValueForm<Duration> {
    /// A duration longer than nothing.
    package static var aboveZero: Self {
        .only("a duration above zero such as 500ms, 30s, 5m or 1h") { $0 > .zero }
    }

    /// A duration, or 0, which needs no unit.
    package static var orZero: Self {
        Self(expectation: "0 or a duration such as 500ms, 30s, 5m or 1h") { text in
            text == "0" ? .zero : Duration(optionText: text)
        }
    }
}
