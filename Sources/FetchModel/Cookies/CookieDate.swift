// SPDX-License-Identifier: MIT
// fetchpool

/// A parser for the dates of cookies, with parts in nearly any order and punctuation (RFC 6265 §5.1.1).
enum CookieDate {
    /// The parts of a date that were found so far.
    private struct Parts {
        var time: (hour: Int, minute: Int, second: Int)?
        var day: Int?
        var month: Int?
        var year: Int?

        mutating func take(_ token: ArraySlice<UInt8>) {
            if time == nil, let found = CookieDate.time(token) {
                time = found
            } else if day == nil, let found = CookieDate.number(token, digits: 1...2) {
                day = found
            } else if month == nil, let found = CookieDate.month(token) {
                month = found
            } else if year == nil, let found = CookieDate.number(token, digits: 2...4) {
                year = found
            }
        }
    }

    /// Returns the seconds since 1970 for a date; `nil` if the text is no valid date since 1601.
    static func seconds(_ text: [UInt8]) -> Int? {
        var parts = Parts()
        for token in text.split(whereSeparator: isDelimiter) { parts.take(token) }
        guard let time = parts.time, let day = parts.day, let month = parts.month, var year = parts.year
        else { return nil }
        if 70...99 ~= year { year += 1_900 } else if 0...69 ~= year { year += 2_000 }
        guard year >= 1_601, time.hour <= 23, time.minute <= 59, time.second <= 59,
            1...days(in: month, year) ~= day
        else { return nil }
        return dayNumber(year, month, day) * 86_400 + time.hour * 3_600 + time.minute * 60 + time.second
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09, 0x20...0x2F, 0x3B...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    /// Returns the time in a token: three numbers of one or two digits, with colons between them.
    ///
    /// Bytes other than digits may follow the last number. The function returns `nil` for any other token.
    private static func time(_ token: ArraySlice<UInt8>) -> (Int, Int, Int)? {
        let fields = token.split(
            separator: UInt8(ascii: ":"),
            maxSplits: 2,
            omittingEmptySubsequences: false
        )
        guard fields.count == 3, fields[..<2].allSatisfy({ $0.allSatisfy(ASCIIByte.isDigit) }),
            let hour = number(fields[0], digits: 1...2), let minute = number(fields[1], digits: 1...2),
            let second = number(fields[2], digits: 1...2)
        else { return nil }
        return (hour, minute, second)
    }

    /// Returns the number at the start of a token; `nil` if the count of its digits is not in `digits`.
    private static func number(_ token: ArraySlice<UInt8>, digits: ClosedRange<Int>) -> Int? {
        let spelled = token.prefix(while: ASCIIByte.isDigit)
        guard digits ~= spelled.count else { return nil }
        return spelled.reduce(0) { $0 * 10 + Int($1 & 15) }
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ].map { Array($0.utf8) }

    private static func month(_ token: ArraySlice<UInt8>) -> Int? {
        let name = token.prefix(3).map(ASCIIByte.lower)
        return months.firstIndex(of: name).map { $0 + 1 }
    }

    private static func days(in month: Int, _ year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Returns the number of days since 1970-01-01 in the Gregorian calendar.
    ///
    /// The calculation uses years that begin on 1 March.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
