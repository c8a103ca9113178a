// SPDX-License-Identifier: MIT
// fetchpool

/// Finds the option that the user probably meant.
enum NearestName {
    /// Returns the first candidate that differs from `name` by the fewest edits.
    ///
    /// Leading hyphens are ignored.
    ///
    /// Returns `nil` if the number of edits exceeds half the number of letters in `name`, because the
    /// suggestion would not help. Also returns `nil` if `name` has more than 64 letters, or if there are no
    /// candidates.
    static func of(_ name: String, among candidates: [String]) -> String? {
        let letters = letters(of: name)
        // No option has more than 64 letters, and the search takes longer for a longer name.
        guard letters.count <= 64 else { return nil }
        let ranked = candidates.map { (name: $0, edits: edits(from: letters, to: Self.letters(of: $0))) }
        guard let best = ranked.min(by: { $0.edits < $1.edits }), best.edits <= letters.count / 2 else {
            return nil
        }
        return best.name
    }

    /// Returns the smallest number of insertions, deletions and replacements that turn one word into the
    /// other (Levenshtein distance).
    static func edits(from old: [UInt8], to new: [UInt8]) -> Int {
        var previous = Array(0...new.count)
        for (row, oldLetter) in old.enumerated() {
            var current = [row + 1]
            for (column, newLetter) in new.enumerated() {
                let replaced = previous[column] + (oldLetter == newLetter ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[new.count]
    }

    private static func letters(of name: String) -> [UInt8] {
        Array(name.utf8.drop { $0 == UInt8(ascii: "-") })
    }
}
