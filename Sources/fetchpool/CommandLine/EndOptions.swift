// SPDX-License-Identifier: MIT
// fetchpool

package import FetchRun
import Glibc
package import OptionTable

// The forms of the options that choose a part of the input, and that say when a run has failed.

extension FailRule: OptionValue {
    /// The words of the rules, or a percentage.
    package static var expectation: String { "any, errors, crashes, none, or a percentage such as 5%" }

    /// Reads a rule; `nil` for any other word.
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

    /// Reads a limit; `nil` for any other word.
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

/// The form of a percentage.
private enum Percentage {
    /// Returns the part of 1 that a percentage from `0%` to `100%` means; `nil` for any other text.
    static func share(_ text: String) -> Double? {
        guard text.hasSuffix("%"), text.utf8.first.map({ $0 &- 0x30 < 10 }) == true,
            text.utf8.dropLast().allSatisfy({ $0 &- 0x30 < 10 || $0 == UInt8(ascii: ".") }),
            let number = Double(text.dropLast()), number <= 100
        else { return nil }
        return number / 100
    }
}

extension Shard: FormedOptionValue {
    /// The form of `--shard`: `I/N`, or `auto/N`, for which the environment of a job scheduler gives I.
    package static var form: ValueForm<Shard> {
        ValueForm(expectation: "I/N such as 1/4, or auto/N") { text throws(UsageError) in
            try read(text) { name in
                unsafe getenv(name).map { unsafe String(cString: $0) }
            }
        }
    }

    /// Reads a part; `variable` returns a variable of the environment.
    ///
    /// - Throws: `UsageError`.
    static func read(_ text: String, _ variable: (String) -> String?) throws(UsageError) -> Shard {
        let words = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 2, let count = Int(optionText: words[1]), count >= 1, count <= mostParts else {
            throw refusal(text)
        }
        if words[0] == "auto" { return try automatic(count, variable) }
        guard let number = Int(optionText: words[0]), let shard = Shard(number, of: count) else {
            throw refusal(text)
        }
        return shard
    }

    private static func refusal(_ text: String) -> UsageError {
        UsageError("expected I/N with I from 1 to N and N up to \(mostParts), or auto/N, got '\(text)'")
    }

    /// Returns the part for this job of a job array.
    ///
    /// In Slurm, the number of a job is `SLURM_ARRAY_TASK_ID` (sbatch(1)). Variables such as
    /// `SLURM_ARRAY_TASK_COUNT` are not used: they describe one submission, which may have only the few jobs
    /// that are done a second time. Kubernetes numbers jobs from 0.
    private static func automatic(_ count: Int, _ variable: (String) -> String?) throws(UsageError) -> Shard {
        if let text = variable("SLURM_ARRAY_TASK_ID") {
            guard let id = Int(text), let shard = Shard(id, of: count) else {
                throw UsageError(
                    "the number of this job is \(text), and the parts are 1 to \(count); use --array=1-\(count)"
                )
            }
            return shard
        }
        guard let text = variable("JOB_COMPLETION_INDEX") else {
            throw UsageError("neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set; give I/N")
        }
        guard let index = Int(text), 0..<count ~= index, let shard = Shard(index + 1, of: count) else {
            throw UsageError(
                "JOB_COMPLETION_INDEX is \(text), and the parts are 0 to \(count - 1); use completions: \(count)"
            )
        }
        return shard
    }
}
