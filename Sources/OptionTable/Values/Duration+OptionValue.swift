// SPDX-License-Identifier: MIT
// fetchpool

extension Duration: OptionValue {
    /// A number with its unit.
    package static var expectation: String { "a duration such as 500ms, 30s, 5m or 1h" }

    /// Creates a duration from a decimal number and `ms`, `s`, `m` or `h`.
    ///
    /// It is rounded up to whole nanoseconds. What 64 bits of nanoseconds cannot hold (292 years) is refused, so that
    /// later arithmetic has room.
    package init?(optionText text: String) {
        let (number, unit) = text.numberAndUnit
        let units: [String: Int64] = [
            "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000,
        ]
        guard let unit = units[unit], let nanoseconds = ExactDecimal(number)?.times(unit) else { return nil }
        self = .nanoseconds(nanoseconds)
    }
}
