// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import FetchRun
package import OptionTable

// The values of `--fields` and `--only`.

extension RecordFields: FormedOptionValue {
    /// The form of `--fields`: names of members, with commas between them.
    package static var form: ValueForm<RecordFields> {
        ValueForm(expectation: "names of members, such as status,error") { text throws(UsageError) in
            let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            for word in words where !names.contains(word) {
                throw UsageError(
                    "a record has no member \(word.quoted); choose from \(names.joined(separator: ","))"
                )
            }
            return RecordFields(words)
        }
    }
}

extension RecordChoice: FormedOptionValue {
    /// The form of `--only`: `failed` and names of outcomes, with commas between them.
    package static var form: ValueForm<RecordChoice> {
        ValueForm(expectation: "failed or outcomes, such as failed or ok,skipped") {
            text throws(UsageError) in
            var outcomes: Set<Outcome> = []
            for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
                if word == "failed" {
                    outcomes.formUnion(failed)
                } else if let outcome = Outcome(rawValue: word) {
                    outcomes.insert(outcome)
                } else {
                    let names = Outcome.allCases.map(\.rawValue).joined(separator: ",")
                    throw UsageError("no record has the outcome \(word.quoted); choose from failed,\(names)")
                }
            }
            return RecordChoice(outcomes)
        }
    }
}
