// SPDX-License-Identifier: MIT
// fetchpool

import FetchRun
import Glibc
import OptionTable

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

extension Shard: OptionValue {
    /// A number and a count, or `auto`.
    package static var expectation: String { form.expectation }

    /// Reads a part; `nil` for any other word.
    package init?(optionText text: String) {
        guard let shard = try? Self.form.read(text) else { return nil }
        self = shard
    }

    /// The form of `--shard`: `I/N`, or `auto` with the number from the environment of a scheduler.
    static var form: ValueForm<Shard> {
        ValueForm(expectation: "I/N such as 1/4, auto or auto/N") { text throws(UsageError) in
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
        if words.first == "auto", words.count <= 2 {
            return try automatic(words.count == 2 ? count(words[1], text) : nil, variable)
        }
        guard words.count == 2, let number = Int(optionText: words[0]) else { throw refusal(text) }
        guard let shard = Shard(number, of: try count(words[1], text)) else { throw refusal(text) }
        return shard
    }

    private static func count(_ word: String, _ text: String) throws(UsageError) -> Int {
        guard let count = Int(optionText: word), count >= 1, count <= mostParts else { throw refusal(text) }
        return count
    }

    private static func refusal(_ text: String) -> UsageError {
        UsageError("expected I/N with I from 1 to N and N up to \(mostParts), auto or auto/N, got '\(text)'")
    }

    /// Returns the part of a job of an array.
    ///
    /// Slurm numbers jobs from `SLURM_ARRAY_TASK_MIN` in steps of `SLURM_ARRAY_TASK_STEP`, and says how many
    /// there are (sbatch(1)). Kubernetes numbers them from 0, and does not say how many there are.
    private static func automatic(
        _ count: Int?,
        _ variable: (String) -> String?
    ) throws(UsageError) -> Shard {
        func number(_ name: String) -> Int? { variable(name).flatMap { Int($0) } }
        if let id = number("SLURM_ARRAY_TASK_ID") {
            let first = number("SLURM_ARRAY_TASK_MIN") ?? 1
            let step = max(number("SLURM_ARRAY_TASK_STEP") ?? 1, 1)
            guard let count = count ?? number("SLURM_ARRAY_TASK_COUNT") else {
                throw UsageError("SLURM_ARRAY_TASK_COUNT is not set; give auto/N with the number of parts")
            }
            guard (id - first) % step == 0, let shard = Shard((id - first) / step + 1, of: count) else {
                throw UsageError(
                    "the job \(id) is none of \(count) jobs with numbers from \(first) in steps of \(step); give I/N"
                )
            }
            return shard
        }
        guard let index = number("JOB_COMPLETION_INDEX") else {
            throw UsageError("neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set; give I/N")
        }
        guard let count else {
            throw UsageError(
                "Kubernetes does not say how many jobs there are; give auto/N with completions as N"
            )
        }
        guard let shard = Shard(index + 1, of: count) else {
            throw UsageError("JOB_COMPLETION_INDEX is \(index), and there are \(count) parts, from 0")
        }
        return shard
    }
}
