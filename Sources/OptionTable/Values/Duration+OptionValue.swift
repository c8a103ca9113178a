// SPDX-License-Identifier: MIT
// fetchpool

extension Duration: OptionValue {
    /// A description of the form: a number with its unit.
    package static var expectation: String { "a duration such as 500ms, 30s, 5m or 1h" }

    /// Creates a duration from a decimal number and `ms`, `s`, `m` or `h`; `nil` if the text has another form
    /// or too many digits.
    ///
    /// The unit may be in upper or lower case. The duration is rounded up to whole nanoseconds. A duration
    /// above 292 years is refused, because 64 bits cannot hold its nanoseconds.
    package init?(optionText text: String) {
        let (number, unit) = text.numberAndUnit
        let units: [String: Int64] = [
            "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000,
        ]
        guard let unit = units[unit], let nanoseconds = ExactDecimal(number)?.times(unit) else { return nil }
        self = .nanoseconds(nanoseconds)
    }

    /// The duration as the value of an option, such as `500ms`, `60s` or `5m`.
    ///
    /// Whole seconds are written in seconds, and any other duration in milliseconds, rounded up. From two
    /// minutes on, whole minutes are written in minutes. From two hours on, whole hours are written in hours.
    package var optionText: String {
        let (seconds, attoseconds) = components
        guard attoseconds == 0 else {
            return "\(seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)ms"
        }
        for (name, unit) in [("h", Int64(3_600)), ("m", 60)]
        where seconds >= 2 * unit && seconds.isMultiple(of: unit) {
            return "\(seconds / unit)\(name)"
        }
        return "\(seconds)s"
    }
}
