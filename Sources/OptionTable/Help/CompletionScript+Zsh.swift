// SPDX-License-Identifier: MIT
// fetchpool

extension CompletionScript {
    /// The script for zsh.
    var zsh: String {
        let names = commands.map { quoted("\($0.word):\($0.help)") }
        let parts = commands.map { command in
            """
                (\(command.word))
                    shift words
                    ((CURRENT -= 1))
            \(zsh(command))
                    return
                    ;;

            """
        }
        return """
            #compdef \(program)
            local -a commands=(\(names.joined(separator: " ")))
            if ((CURRENT > 2)); then
                case $words[2] in
            \(parts.joined())    esac
            elif [[ $PREFIX != -* ]]; then
                _describe command commands && return
            fi
            \(zsh(main))
            """
    }

    /// Returns the statement that completes the options and operands of a command.
    private func zsh(_ command: CompletionCommand) -> String {
        var lines: [String] = []
        for option in command.options {
            // Brackets, colons and backslashes have a special meaning in the description.
            let help = option.help.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
            let name = option.placeholder?.replacing(":", with: "\\:") ?? "value"
            for spelling in option.names {
                // The value may follow in the same word: -oFILE, --output=FILE.
                let joint = option.completion == .none ? "" : spelling.hasPrefix("--") ? "=" : "+"
                let value = zshValue(option.completion, name)
                lines.append("    \(quoted("*\(spelling)\(joint)[\(help)]\(value)"))")
            }
        }
        if command.operands != .none { lines.append("    '*\(zshValue(command.operands, "operand"))'") }
        return (["_arguments -s -S"] + lines).joined(separator: " \\\n")
    }

    private func zshValue(_ completion: OptionCompletion, _ name: String) -> String {
        switch completion {
        case .none: ""
        case .files: ":\(name):_files"
        case .words(let words): ":value:(\(words.joined(separator: " ")))"
        case .text: ":\(name): "
        }
    }
}
