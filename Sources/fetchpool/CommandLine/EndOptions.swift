// SPDX-License-Identifier: MIT
// fetchpool

package import FetchRun
import OptionTable

// The values of `--fail-on` and `--max-failures`.

extension FailRule: OptionValue {
    /// A description of the form: one of four words, or a percentage.
    package static var expectation: String { "any, errors, crashes, none, or a percentage such as 5%" }

    /// Reads a rule; `nil` if the text is neither one of the words nor a percentage.
    package init?(optionText text: String) {
        switch text {
        case "any": self = .any
        case "errors": self = .errors
        case "crashes": self = .crashes
        case "none": self = .none
        default:
            guard let percentage = Percentage(optionText: text) else { return nil }
            self = .share(RecordShare(trillionths: percentage.trillionths))
        }
    }
}

extension FailureLimit: OptionValue {
    /// A description of the form: a number, or a percentage.
    package static var expectation: String { "a number of failures, or a percentage such as 5%" }

    /// Reads a limit; `nil` if the text is neither a percentage nor a number from 0.
    package init?(optionText text: String) {
        if let percentage = Percentage(optionText: text) {
            self = .share(RecordShare(trillionths: percentage.trillionths))
        } else if let number = Int(optionText: text), number >= 0 {
            self = .number(number)
        } else {
            return nil
        }
    }
}
