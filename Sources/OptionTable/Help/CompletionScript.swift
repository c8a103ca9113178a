// SPDX-License-Identifier: MIT
// fetchpool

/// A shell whose completion a table can describe.
package enum CompletionShell: String, CaseIterable, Sendable {
    case bash, zsh, fish
}

extension OptionTable {
    /// Returns a script that completes the options of the program and of its commands, and their values, in a
    /// shell.
    ///
    /// bash and fish read the script with `source`. zsh finds it as the file `_PROGRAM` in a folder of `fpath`.
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
    /// The command line without a command.
    let main: CompletionCommand
    let commands: [CompletionCommand]

    /// Returns a text in single quotes, as bash and zsh read it; fish reads it so too unless it has a
    /// backslash before a quote.
    func quoted(_ text: String) -> String { text.inSingleQuotes }
}

extension String {
    /// The text in single quotes, as a POSIX shell reads it: a quote inside ends the quotes, stands escaped, and
    /// begins them again.
    package var inSingleQuotes: String { "'" + replacing("'", with: #"'\''"#) + "'" }
}
