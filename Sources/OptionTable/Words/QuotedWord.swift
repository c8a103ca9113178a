// SPDX-License-Identifier: MIT
// fetchpool

extension String {
    /// The text in quotes, suitable for one line of a message.
    ///
    /// Control characters are escaped, so that the text can neither control the terminal nor break the line.
    /// A text of more than 80 scalars is cut, and `…` is added.
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
