// SPDX-License-Identifier: MIT
// fetchpool

/// A shell for which a table can write a completion script.
package enum CompletionShell: String, CaseIterable, Sendable {
    case bash, zsh, fish
}

extension OptionTable {
    /// Returns a script that completes the options of the program, and their values, in a shell.
    ///
    /// bash and fish read the script with `source`. zsh finds it as the file `_PROGRAM` in a folder of `fpath`.
    package func completionScript(for shell: CompletionShell) -> String {
        let rows = rows.filter { !$0.names.isEmpty }
        return switch shell {
        case .bash: Self.bash(program, rows)
        case .zsh: Self.zsh(program, rows, operand: operandRow != nil)
        case .fish: Self.fish(program, rows)
        }
    }

    private static func bash(_ program: String, _ rows: [OptionRow<Settings>]) -> String {
        var cases: [String] = []
        for row in rows {
            let action: String
            switch row.completion {
            case .none: continue
            case .files:
                action = "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$current\")"
            case .words(let words):
                action =
                    "mapfile -t COMPREPLY < <(compgen -W '\(words.joined(separator: " "))' -- \"$current\")"
            case .text: action = ":"
            }
            cases.append("        \(row.names.joined(separator: "|"))) \(action); return ;;")
        }
        return """
            _\(program)() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
                COMPREPLY=()
                case $previous in
            \(cases.joined(separator: "\n"))
                esac
                if [[ $current == -* ]]; then
                    mapfile -t COMPREPLY < <(compgen -W '\(rows.flatMap(\.names).joined(separator: " "))' -- "$current")
                fi
            }
            complete -o default -F _\(program) \(program)
            """
    }

    private static func zsh(_ program: String, _ rows: [OptionRow<Settings>], operand: Bool) -> String {
        var lines: [String] = []
        for row in rows {
            // A colon or a bracket would end the description.
            let help = row.help.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
            let value =
                switch row.completion {
                case .none: ""
                case .files: ":\(row.placeholder ?? "FILE"):_files"
                case .words(let words): ":value:(\(words.joined(separator: " ")))"
                case .text: ":\(row.placeholder?.replacing(":", with: "\\:") ?? "value"): "
                }
            for name in row.names { lines.append("    \(quoted("*\(name)[\(help)]\(value)"))") }
        }
        if operand { lines.append("    '*:operand:_files'") }
        return "#compdef \(program)\n_arguments -s -S \\\n" + lines.joined(separator: " \\\n")
    }

    private static func fish(_ program: String, _ rows: [OptionRow<Settings>]) -> String {
        rows.map { row in
            let names = row.names.map {
                $0.hasPrefix("--") ? "-l \($0.dropFirst(2))" : "-s \($0.dropFirst())"
            }
            let value =
                switch row.completion {
                case .none: ""
                case .files: " -r -F"
                case .words(let words): " -x -a \(quoted(words.joined(separator: " ")))"
                case .text: " -x"
                }
            return "complete -c \(program) \(names.joined(separator: " "))\(value) -d \(quoted(row.help))"
        }
        .joined(separator: "\n")
    }

    /// Returns a text in single quotes for bash, zsh and fish.
    ///
    /// fish reads some backslashes in single quotes as escapes, so a text for fish must not have any.
    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: #"'\''"#) + "'"
    }
}

/// The possible values of an option, for a shell that completes them.
enum OptionCompletion: Hashable {
    /// The option takes no value.
    case none
    /// The names of files and folders.
    case files
    /// A few words.
    case words([String])
    /// A text that no shell can complete.
    case text
}

extension OptionRow {
    /// The values that the placeholder stands for.
    ///
    /// `FILE`, `DIR` and `COMMAND` stand for names of files. If the placeholder has parts with bars between
    /// them, each part in lower case is a word, as in `any|none|N%`.
    var completion: OptionCompletion {
        guard let placeholder else { return .none }
        if ["FILE", "DIR", "COMMAND"].contains(placeholder) { return .files }
        let words = placeholder.split(separator: "|").map(String.init)
        let known = words.filter { word in
            word.utf8.allSatisfy { 0x61...0x7A ~= $0 || $0 == UInt8(ascii: "-") }
        }
        return words.count > 1 && !known.isEmpty ? .words(known) : .text
    }
}
