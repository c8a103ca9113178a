// SPDX-License-Identifier: MIT
// fetchpool

extension ValueForm {
    /// Returns the form of a list in one word, with commas between the parts; an empty part is refused.
    package static func list<Part>(of part: ValueForm<Part>) -> Self where Value == [Part] {
        Self(expectation: "a list with commas, each part \(part.expectation)") { text in
            let parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            var values: [Part] = []
            for word in parts {
                guard !word.isEmpty, let value = try? part.read(String(Substring(word))) else { return nil }
                values.append(value)
            }
            return values
        }
    }
}

extension ValueForm<[String]> {
    /// The form of a command, split into words by `ShellWords`; the first word must not be empty.
    package static var command: Self {
        Self(expectation: "a command") { text throws(UsageError) in
            let words = try ShellWords.split(text)
            guard let program = words.first, !program.isEmpty else {
                throw UsageError("expected a command, got \(text.quoted)")
            }
            return words
        }
    }
}
