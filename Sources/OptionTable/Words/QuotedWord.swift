// SPDX-License-Identifier: MIT
// fetchpool

extension String {
    /// The text between quotes, fit for one line of a message.
    ///
    /// Control characters are spelled out, so that a word cannot steer the terminal or break the line; a long word is cut.
    package var quoted: String {
        let longest = 80
        var shown = ""
        for scalar in unicodeScalars.prefix(longest) {
            if scalar.properties.generalCategory == .control {
                shown += scalar.escaped(asASCII: true)
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return unicodeScalars.count > longest ? "'\(shown)…'" : "'\(shown)'"
    }
}
