// SPDX-License-Identifier: MIT
// fetchpool

package import FetchRun
import Glibc
package import OptionTable

extension Shard: FormedOptionValue {
    /// The form of `--shard`: `I/N` for part I of N parts, or `auto/N` to take I from the environment.
    package static var form: ValueForm<Shard> {
        ValueForm(expectation: "I/N such as 1/4, or auto/N") { text throws(UsageError) in
            try read(text) { name in
                unsafe getenv(name).map { unsafe String(cString: $0) }
            }
        }
    }

    /// Reads `I/N` or `auto/N`; `variable` returns the value of an environment variable, or `nil` if it is
    /// not set.
    ///
    /// - Throws: `UsageError` for any other text, if N is not from 1 to `mostParts`, or if I is not from 1 to
    ///   N. With `auto`, also if the environment gives no I from 1 to N.
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
    /// The variable of sbatch(1) counts if it is set; otherwise, the variable of Kubernetes counts, with job
    /// numbers from 0. `SLURM_ARRAY_TASK_COUNT` is not used: if a later submission repeats only a few jobs,
    /// this variable is less than `count`.
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
