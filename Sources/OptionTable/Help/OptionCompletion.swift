// SPDX-License-Identifier: MIT
// fetchpool

/// The possible values of an option, or the possible operands, for a shell that completes them.
enum OptionCompletion: Hashable {
    /// The option takes no value, or there are no operands.
    case none
    /// The names of files and folders.
    case files
    /// One of these words.
    case words([String])
    /// A text that no shell can complete.
    case text
}

extension OptionRow {
    /// The values for which the placeholder stands; `none` if the row has no placeholder.
    ///
    /// `FILE`, `DIR`, `COMMAND` and `RECORDS` stand for names of files. A placeholder with bars stands for
    /// those of its parts that have only lower-case letters and hyphens: `any|none|N%` stands for the words
    /// `any` and `none`. A placeholder with bars but without such a part, such as `N|M`, stands for a text.
    /// So does any other placeholder, such as `N`.
    var completion: OptionCompletion {
        guard let placeholder else { return .none }
        if ["FILE", "DIR", "COMMAND", "RECORDS"].contains(placeholder) { return .files }
        let words = placeholder.split(separator: "|").map(String.init)
        let known = words.filter { word in
            word.utf8.allSatisfy { 0x61...0x7A ~= $0 || $0 == UInt8(ascii: "-") }
        }
        return words.count > 1 && !known.isEmpty ? .words(known) : .text
    }
}
