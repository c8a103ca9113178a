// SPDX-License-Identifier: MIT
// fetchpool

/// A shell for which an `OptionTable` can produce a completion script.
package enum CompletionShell: String, CaseIterable, Sendable {
    case bash, zsh, fish
}

extension OptionTable {
    /// Returns a script with which a shell completes the program's commands, options, values of options, and
    /// operands.
    ///
    /// bash and fish read the script with `source`. zsh reads the script from the file `_PROGRAM` in a
    /// folder of `fpath`.
    package func completionScript(for shell: CompletionShell, commands: [CompletionCommand] = []) -> String {
        let script = CompletionScript(
            program: program,
            main: CompletionCommand(program, help: summary, self),
            commands: commands
        )
        return switch shell {
        case .bash: script.bash
        case .zsh: script.zsh
        case .fish: script.fish
        }
    }
}

/// A description of a program's command line, from which the scripts are made.
struct CompletionScript {
    let program: String
    /// The options and operands of a command line that names no command.
    let main: CompletionCommand
    let commands: [CompletionCommand]

    /// Returns a text in single quotes for the script.
    ///
    /// In fish, a backslash escapes a quote or a backslash even in single quotes. So a text for fish must
    /// not contain a backslash before these characters or at the end.
    func quoted(_ text: String) -> String { text.inSingleQuotes }
}

extension String {
    /// The text in single quotes for a POSIX shell.
    ///
    /// A single quote in the text becomes `'\''`: the end of the quotes, an escaped quote, and the start of
    /// new quotes.
    package var inSingleQuotes: String {
        // The loop reads scalars, because a quote and a combining mark after the quote are one `Character`,
        // which is not equal to a quote.
        var quoted = "'"
        for scalar in unicodeScalars {
            if scalar == "'" { quoted += #"'\''"# } else { quoted.unicodeScalars.append(scalar) }
        }
        return quoted + "'"
    }
}
