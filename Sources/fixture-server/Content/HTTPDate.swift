// SPDX-License-Identifier: MIT
// fetchpool

/// Dates in the format of HTTP (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let secondsPerDay = 86_400

    /// Returns the date of a time in seconds since 1970, for the years 1970 to 9999.
    static func text(_ seconds: Int) -> String {
        let days = seconds / secondsPerDay
        let time = seconds % secondsPerDay
        let clock = [time / 3600, time / 60 % 60, time % 60].map(twoDigits).joined(separator: ":")
        let (year, month, day) = civil(days)
        return "\(weekdays[days % 7]), \(twoDigits(day)) \(months[month]) \(year) \(clock) GMT"
    }

    /// Returns the year, the month from 0, and the day from 1.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        var (year, left) = (1970, days)
        while left >= length(ofYear: year) {
            left -= length(ofYear: year)
            year += 1
        }
        var lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        lengths[1] = length(ofYear: year) - 337
        var month = 0
        while left >= lengths[month] {
            left -= lengths[month]
            month += 1
        }
        return (year, month, left + 1)
    }

    private static func length(ofYear year: Int) -> Int {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
