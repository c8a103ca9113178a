// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// Functions that return numbers as text for people.
enum Figure {
    /// Returns a number with three significant digits, and with commas between thousands: `1,230,000`,
    /// `45.3`, `0.00120`.
    ///
    /// 0 becomes `0`, and a number that is not finite becomes `-`.
    static func short(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "-" }
        var exponent = Int(log10(abs(value)).rounded(.down))
        // 9.996 is rounded to 10.0, which has one digit fewer after the point.
        if abs(value) * pow(10, Double(2 - exponent)) >= 999.5 { exponent += 1 }
        guard exponent >= 2 else { return String(format: "%.\(2 - exponent)f", value) }
        let unit = pow(10, Double(exponent - 2))
        return grouped(Int((value / unit).rounded() * unit))
    }

    /// Returns a number without trailing zeros after the point: `1.1`, `100`.
    ///
    /// A number that is not whole is rounded to six significant digits.
    static func plain(_ value: Double) -> String {
        value == value.rounded() ? grouped(Int(value)) : String(format: "%g", value)
    }

    /// Returns a whole number with commas between thousands.
    static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// Returns memory in MB, for example `26.5`.
    static func megabytes(_ kibibytes: Int) -> String {
        String(format: "%.1f", Double(kibibytes) * 1_024 / 1_000_000)
    }
}
