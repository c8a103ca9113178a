// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A time in a record: a JSON string with an RFC 3339 time in UTC, including milliseconds.
///
/// The times of successive records often lie in one second, so the text before the milliseconds is rewritten
/// only if the second changes.
package struct RecordTime: Hashable, Sendable {
    /// The time that was last set, in milliseconds since 1970-01-01T00:00:00Z.
    package private(set) var milliseconds = 0
    /// The text, including the quotes.
    package private(set) var text = Array(#""1970-01-01T00:00:00.000Z""#.utf8)

    /// Creates the time 1970-01-01T00:00:00Z.
    package init() {}

    /// Creates a time from milliseconds since 1970-01-01T00:00:00Z.
    package init(milliseconds: Int) {
        set(milliseconds: milliseconds)
    }

    /// Sets the time; a time outside the years 0 to 9999 becomes the nearest time in these years.
    package mutating func set(milliseconds new: Int) {
        let new = min(max(new, Self.range.lowerBound), Self.range.upperBound)
        guard new != milliseconds else { return }
        let second = Self.floor(new, by: 1_000)
        if second != Self.floor(milliseconds, by: 1_000) { write(second: second) }
        lay(new - second * 1_000, digits: 3, at: 21)
        milliseconds = new
    }

    /// Returns the time of the system's clock, in milliseconds since 1970-01-01T00:00:00Z.
    package static func now() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }

    /// The times of the years 0 to 9999, which have four digits, in milliseconds since 1970-01-01T00:00:00Z.
    private static let range = -62_167_219_200_000...253_402_300_799_999

    private mutating func write(second: Int) {
        let day = Self.floor(second, by: 86_400)
        let rest = second - day * 86_400
        // The algorithm counts in eras of 400 years that begin on 1 March (Hinnant, chrono-Compatible
        // Low-Level Date Algorithms).
        let shifted = day + 719_468
        let era = Self.floor(shifted, by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let leapless = dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096
        let yearOfEra = leapless / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        lay(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), digits: 4, at: 1)
        lay(month, digits: 2, at: 6)
        lay(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, digits: 2, at: 9)
        lay(rest / 3_600, digits: 2, at: 12)
        lay(rest / 60 % 60, digits: 2, at: 15)
        lay(rest % 60, digits: 2, at: 18)
    }

    private mutating func lay(_ number: Int, digits: Int, at place: Int) {
        var rest = number
        for offset in (place..<place + digits).reversed() {
            text[offset] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    private static func floor(_ number: Int, by divisor: Int) -> Int {
        number >= 0 ? number / divisor : (number + 1) / divisor - 1
    }
}
