// SPDX-License-Identifier: MIT
// fetchpool

/// Splits a command into words as a POSIX shell does.
///
/// Spaces, tabs and line feeds separate words. Characters are quoted by single quotes, by double quotes or by
/// a backslash (POSIX.1-2017, Shell Command Language, 2.2). Nothing is expanded. Operators, `#` and wildcards
/// are ordinary characters, because no shell runs the command.
package enum ShellWords {
    /// Splits `text` into words; the result may be empty.
    ///
    /// - Throws: `UsageError` if a quote is not closed, or if the text ends with a backslash that is not
    ///   quoted itself.
    package static func split(_ text: String) throws(UsageError) -> [String] {
        var splitter = ShellSplitter()
        for scalar in text.unicodeScalars {
            splitter.take(scalar)
        }
        return try splitter.finish()
    }
}

/// The state of `ShellWords.split` after a part of the text.
private struct ShellSplitter {
    private enum Quoting {
        case none
        case single
        case double
    }

    private var quoting = Quoting.none
    private var isEscaped = false
    /// The current word; `nil` between words, and empty within a word such as `''`.
    private var word: String.UnicodeScalarView?
    private var words: [String] = []

    // The function takes scalars, because a quote and a combining mark after it are one `Character`.
    mutating func take(_ scalar: Unicode.Scalar) {
        if isEscaped {
            takeEscaped(scalar)
            return
        }
        switch (quoting, scalar) {
        case (.none, " "), (.none, "\t"), (.none, "\n"):
            endWord()
        case (.none, "\\"), (.double, "\\"):
            isEscaped = true
        case (.none, "'"):
            open(.single)
        case (.none, "\""):
            open(.double)
        case (.single, "'"), (.double, "\""):
            quoting = .none
        default:
            append(scalar)
        }
    }

    private mutating func takeEscaped(_ scalar: Unicode.Scalar) {
        isEscaped = false
        // A backslash and a line feed join two lines, and add no character to the word.
        guard scalar != "\n" else { return }
        // Within double quotes, a backslash stays unless one of these characters follows.
        if quoting == .double, !["$", "`", "\"", "\\"].contains(scalar) {
            append("\\")
        }
        append(scalar)
    }

    mutating func finish() throws(UsageError) -> [String] {
        switch quoting {
        case .single: throw UsageError("a single quote (') is not closed")
        case .double: throw UsageError("a double quote (\") is not closed")
        case .none: break
        }
        guard !isEscaped else { throw UsageError("nothing follows the last backslash") }
        endWord()
        return words
    }

    private mutating func open(_ quoting: Quoting) {
        self.quoting = quoting
        word = word ?? String.UnicodeScalarView()
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        word = word ?? String.UnicodeScalarView()
        word?.append(scalar)
    }

    private mutating func endWord() {
        if let word {
            words.append(String(word))
        }
        word = nil
    }
}
