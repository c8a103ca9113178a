// SPDX-License-Identifier: MIT
// fetchpool

extension CompletionScript {
    /// The script for bash 4 or later.
    ///
    /// If a file name is expected, the function in the script offers no words. In this case, the option
    /// `-o default` lets readline complete and quote the name. In all other cases, the function turns this
    /// option off.
    var bash: String {
        let parts = commands.map { "    \($0.word))\n\(bash($0))\n        ;;\n" }
        return """
            _\(program)_words() {
                compopt +o default
                mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
            }
            _\(program)() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=
                COMPREPLY=()
                # bash splits --option=value at the equals sign.
                if [[ $current == = ]]; then
                    current=
                elif [[ $previous == = ]]; then
                    previous=${COMP_WORDS[COMP_CWORD - 2]}
                fi
                current=${current#[\\"\\']}
                if ((COMP_CWORD > 1)); then
                    command=${COMP_WORDS[1]}
                elif [[ $current != -* ]]; then
                    _\(program)_words \(quoted(commands.map(\.word).joined(separator: " ")))
                    return
                fi
                case $command in
            \(parts.joined())    *)
            \(bash(main))
                    ;;
                esac
            }
            complete -o default -F _\(program) \(program)
            """
    }

    /// Returns the statements that complete the options and operands of a command.
    private func bash(_ command: CompletionCommand) -> String {
        let indent = "        "
        var lines: [String] = []
        var cases: [String] = []
        for option in command.options {
            let action: String
            switch option.completion {
            case .none: continue
            case .files: action = "return"
            case .words(let words): action = bashWords(words) + "; return"
            case .text: action = bashWords([]) + "; return"
            }
            cases.append("\(indent)\(option.names.joined(separator: "|"))) \(action) ;;")
        }
        if !cases.isEmpty { lines += ["\(indent)case $previous in"] + cases + ["\(indent)esac"] }
        let names = command.options.flatMap(\.names)
        if !names.isEmpty {
            lines.append("\(indent)if [[ $current == -* ]]; then \(bashWords(names)); return; fi")
        }
        switch command.operands {
        case .files: break
        case .words(let words): lines.append(indent + bashWords(words))
        case .none, .text: lines.append(indent + bashWords([]))
        }
        return lines.isEmpty ? indent + ":" : lines.joined(separator: "\n")
    }

    private func bashWords(_ words: [String]) -> String {
        "_\(program)_words \(quoted(words.joined(separator: " ")))"
    }
}
