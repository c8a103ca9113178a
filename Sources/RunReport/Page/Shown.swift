// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// Numbers, sizes and times as a page shows them.
enum Shown {
    /// Returns a number with commas between groups of three digits.
    static func integer(_ number: Int) -> String {
        let digits = Array(String(abs(number)))
        var text = number < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// Returns a number with `digits` decimals; `value` is limited to the range from 0 to 10^15.
    static func decimal(_ value: Double, _ digits: Int) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((min(max(value, 0), 1e15) * Double(scale)).rounded())
        guard digits > 0 else { return integer(scaled) }
        let rest = String(scaled % scale)
        return integer(scaled / scale) + "." + String(repeating: "0", count: digits - rest.count) + rest
    }

    /// Returns a number with two decimals below 10, one decimal below 100, and no decimals from 100 on.
    ///
    /// The shown number decides: 9.996 is shown as `10.0`.
    static func short(_ value: Double) -> String {
        decimal(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)
    }

    /// Returns a part of a whole in percent.
    ///
    /// The result is `100 %` only if the part is the whole, and `0 %` only if the part is 0.
    static func share(_ part: Int, of whole: Int) -> String {
        guard part > 0, whole > 0 else { return "0 %" }
        guard part < whole else { return "100 %" }
        let percent = Double(part) / Double(whole) * 100
        if percent < 0.05 { return "< 0.1 %" }
        if percent >= 99.95 { return "> 99.9 %" }
        return decimal(percent, 1) + " %"
    }

    /// Returns a number of things, such as `1 record` or `2,000 records`.
    static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(integer(number)) \(number == 1 ? one : many ?? one + "s")"
    }

    /// Returns a duration in one or two suitable units, from ms to d; `value` is in milliseconds.
    static func milliseconds(_ value: Double) -> String {
        if value < 999.5 { return (value == 0 ? "0" : short(value)) + " ms" }
        let seconds = value / 1_000
        if seconds < 59.95 { return short(seconds) + " s" }
        let whole = Int(min(seconds, 1e12).rounded())
        if whole < 3_600 { return parts(whole / 60, "min", whole % 60, "s") }
        let minutes = (whole + 30) / 60
        if minutes < 24 * 60 { return parts(minutes / 60, "h", minutes % 60, "min") }
        let hours = (whole + 1_800) / 3_600
        return parts(hours / 24, "d", hours % 24, "h")
    }

    /// Returns a duration of whole milliseconds; whole seconds are shown without decimals.
    static func span(_ value: Int) -> String {
        if value < 1_000 { return "\(value) ms" }
        return value < 60_000 && value % 1_000 == 0 ? "\(value / 1_000) s" : milliseconds(Double(value))
    }

    private static func parts(_ first: Int, _ unit: String, _ second: Int, _ smaller: String) -> String {
        second == 0 ? "\(integer(first)) \(unit)" : "\(integer(first)) \(unit) \(second) \(smaller)"
    }

    /// Returns a size in the largest suitable unit, from B to PiB.
    static func size(_ bytes: Int) -> String {
        var (value, unit) = (Double(bytes), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        while value >= 1_024, unit < units.count - 1 { (value, unit) = (value / 1_024, unit + 1) }
        return unit == 0 ? "\(bytes) B" : "\(short(value)) \(units[unit])"
    }

    /// Returns the rate of `count` events in `milliseconds` ms, per second, minute or hour.
    static func rate(_ count: Int, milliseconds: Int) -> String {
        if count == 0 { return "0/s" }
        let perSecond = Double(count) / (Double(max(milliseconds, 1)) / 1_000)
        if perSecond * 3_600 < 0.005 { return "< 0.01/h" }
        if perSecond >= 0.1 { return short(perSecond) + "/s" }
        return perSecond * 60 >= 0.1 ? short(perSecond * 60) + "/min" : short(perSecond * 3_600) + "/h"
    }

    // MARK: Times of the day

    /// A form of times on an axis or in a table.
    enum Clock {
        case year, date, dateAndMinute, minute, second, millisecond

        /// Returns the form for the multiples of `step` in a period of the given length.
        ///
        /// `step` and `length` are in milliseconds.
        static func telling(step: Int, length: Int) -> Self {
            let day = 86_400_000
            if length > 700 * day { return .year }
            if step >= day { return .date }
            if length > day { return .dateAndMinute }
            return step >= 60_000 ? .minute : step >= 1_000 ? .second : .millisecond
        }
    }

    /// Returns a time in UTC; `time` is in milliseconds since 1970-01-01T00:00:00Z.
    static func time(_ time: Int, _ form: Clock) -> String {
        // The text begins with a quote: "2026-11-26T01:02:03.456Z".
        let text = RecordTime(milliseconds: time).text
        func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
        let month = Int(part(6..<8)).flatMap { 1...12 ~= $0 ? months[$0 - 1] : nil } ?? ""
        let day = "\(Int(part(9..<11)) ?? 0) \(month)"
        return switch form {
        case .year: Self.day(time)
        case .date: day
        case .dateAndMinute: "\(day) \(part(12..<17))"
        case .minute: part(12..<17)
        case .second: part(12..<20)
        case .millisecond: part(12..<24)
        }
    }

    /// Returns the date of a time in UTC, with the year.
    static func day(_ time: Int) -> String {
        Self.time(time, .date) + " "
            + String(decoding: RecordTime(milliseconds: time).text[1..<5], as: UTF8.self)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
