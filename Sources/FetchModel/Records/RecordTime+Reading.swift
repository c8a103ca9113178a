// SPDX-License-Identifier: MIT
// fetchpool

extension RecordTime {
    /// Returns the time of a text such as `2026-11-26T01:02:03.456Z`, in milliseconds since
    /// 1970-01-01T00:00:00Z; `nil` for any other text.
    ///
    /// The fraction of the second may be absent, or have one digit or more; digits after the third are
    /// ignored. The day may be from 1 to 31 in each month, and the second from 0 to 60.
    package static func milliseconds(reading text: Span<UInt8>) -> Int? {
        guard text.count >= 20, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            text[text.count - 1] == UInt8(ascii: "Z"),
            let year = number(text, 0..<4), let month = number(text, 5..<7), 1...12 ~= month,
            let day = number(text, 8..<10), 1...31 ~= day, let hour = number(text, 11..<13), hour < 24,
            let minute = number(text, 14..<16), minute < 60, let second = number(text, 17..<19), second <= 60
        else { return nil }
        var fraction = 0
        if text.count > 20 {
            guard text[19] == UInt8(ascii: "."), text.count > 21 else { return nil }
            for index in 20..<text.count - 1 {
                guard text[index] &- 0x30 < 10 else { return nil }
                if index < 23 { fraction = fraction * 10 + Int(text[index] &- 0x30) }
            }
            for _ in text.count - 1..<max(text.count - 1, 23) { fraction *= 10 }
        }
        let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
        return seconds * 1_000 + fraction
    }

    /// Returns the number of days from 1970-01-01 to a date (Hinnant, chrono-Compatible Low-Level Date
    /// Algorithms).
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        // Here, years begin on 1 March, so January 0000 is in the year −1. The 400 years (146,097 days) that
        // are added and subtracted again keep the dividends above 0.
        let year = (month <= 2 ? year - 1 : year) + 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468 - 146_097
    }

    private static func number(_ text: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var value = 0
        for index in range {
            let digit = text[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}
