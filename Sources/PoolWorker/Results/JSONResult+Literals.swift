// SPDX-License-Identifier: MIT
// fetchpool

extension JSONResult: ExpressibleByDictionaryLiteral {
    /// Creates an object with the members in the given order, without those that are `nil`.
    public init(dictionaryLiteral members: (String, (any JSONRepresentable)?)...) {
        self.init(members: members)
    }
}

extension JSONResult: ExpressibleByArrayLiteral {
    /// Creates an array; elements that are `nil` become `null`.
    public init(arrayLiteral elements: (any JSONRepresentable)?...) {
        self.init(elements: elements)
    }
}

extension JSONResult: ExpressibleByStringLiteral {
    /// Creates a string.
    public init(stringLiteral text: String) { self = text.json }
}

extension JSONResult: ExpressibleByIntegerLiteral {
    /// Creates a number.
    public init(integerLiteral number: Int) { self = number.json }
}

extension JSONResult: ExpressibleByFloatLiteral {
    /// Creates a number.
    public init(floatLiteral number: Double) { self = number.json }
}

extension JSONResult: ExpressibleByBooleanLiteral {
    /// Creates `true` or `false`.
    public init(booleanLiteral value: Bool) { self = value.json }
}

extension JSONResult: ExpressibleByNilLiteral {
    /// Creates `null`.
    public init(nilLiteral: ()) { self = .null }
}

// These two extensions let dictionary and array literals nest. Members and elements have the type
// `(any JSONRepresentable)?`, so one of these initializers creates an inner literal. Without these
// extensions, the inner literal would be a Swift dictionary or array, whose values must have one type.

extension Optional: @retroactive ExpressibleByDictionaryLiteral where Wrapped == any JSONRepresentable {
    /// Creates an object with the members in the given order, without those that are `nil`.
    public init(dictionaryLiteral members: (String, (any JSONRepresentable)?)...) {
        self = JSONResult(members: members)
    }
}

extension Optional: @retroactive ExpressibleByArrayLiteral where Wrapped == any JSONRepresentable {
    /// Creates an array; elements that are `nil` become `null`.
    public init(arrayLiteral elements: (any JSONRepresentable)?...) {
        self = JSONResult(elements: elements)
    }
}
