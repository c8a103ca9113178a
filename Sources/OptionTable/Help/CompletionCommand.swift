// SPDX-License-Identifier: MIT
// fetchpool

/// A command of a program: the first word of a command line, and the options and operands that a shell can
/// offer after this word.
package struct CompletionCommand: Sendable {
    /// An option that a shell completes.
    struct Option: Sendable {
        let names: [String]
        let placeholder: String?
        let help: String
        let completion: OptionCompletion
    }

    /// The first word of the command line; if the command line has no command, the program's name.
    let word: String
    let help: String
    let options: [Option]
    /// The values of the operands; `none` if there are no operands.
    let operands: OptionCompletion

    /// Creates a command with the options and operands of a table.
    package init<Settings>(_ word: String, help: String, _ table: OptionTable<Settings>) {
        (self.word, self.help) = (word, help)
        options = table.rows.filter { !$0.names.isEmpty }.map {
            Option(
                names: $0.names,
                placeholder: $0.placeholder,
                help: $0.help,
                completion: $0.completion
            )
        }
        operands = table.operandRow?.completion ?? .none
    }

    /// Creates a command without options; the operands are from `words`.
    package init(_ word: String, help: String, words: [String] = []) {
        (self.word, self.help, options) = (word, help, [])
        operands = words.isEmpty ? .none : .words(words)
    }
}
