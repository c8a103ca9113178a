// SPDX-License-Identifier: MIT
// fetchpool

package import FetchRun
import OptionTable

// The values of `--fail-on` and `--max-failures`.

extension FailRule: OptionValue {
    /// The words of the rules, or a percentage.
    package static var expectation: String { "any, errors, crashes, none, or a percentage such as 5%" }

    /// Reads a rule; `nil` for any other text.
    package init?(optionText text: String) {
        switch text {
        case "any": self = .any
        case "errors": self = .errors
        case "crashes": self = .crashes
        case "none": self = .none
        default:
            guard let share = Percentage.share(text) else { return nil }
            self = .share(share)
        }
    }
}

extension FailureLimit: OptionValue {
    /// A number, or a percentage.
    package static var expectation: String { "a number of failures, or a percentage such as 5%" }

    /// Reads a limit; `nil` for any other text.
    package init?(optionText text: String) {
        if let share = Percentage.share(text) {
            self = .share(share)
        } else if let number = Int(optionText: text), number >= 0 {
            self = .number(number)
        } else {
            return nil
        }
    }
}

private enum Percentage {
    /// Returns the fraction for a percentage from `0%` to `100%`; `nil` for any other text.
    static func share(_ text: String) -> Double? {
        guard text.hasSuffix("%"), text.utf8.first.map({ $0 &- 0x30 < 10 }) == true,
            text.utf8.dropLast().allSatisfy({ $0 &- 0x30 < 10 || $0 == UInt8(ascii: ".") }),
            let number = Double(text.dropLast()), number <= 100
        else { return nil }
        return number / 100
    }
}
