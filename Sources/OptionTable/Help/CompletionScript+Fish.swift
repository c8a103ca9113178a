// SPDX-License-Identifier: MIT
// fetchpool

extension CompletionScript {
    /// The script for fish.
    var fish: String {
        let words = commands.map(\.word).joined(separator: " ")
        var lines = [
            "function __\(program)_command",
            "    set -l words (commandline -opc)",
            "    test (count $words) -gt 1; and contains -- $words[2] $argv",
            "end",
            "complete -c \(program) -f",
        ]
        for command in commands {
            lines.append(
                "complete -c \(program) -n 'test (count (commandline -opc)) -eq 1' -a \(command.word) -d \(quoted(command.help))"
            )
        }
        let isNone = commands.isEmpty ? "" : " -n 'not __\(program)_command \(words)'"
        lines += fish(main, condition: isNone)
        for command in commands {
            lines += fish(command, condition: " -n '__\(program)_command \(command.word)'")
        }
        return lines.joined(separator: "\n")
    }

    private func fish(_ command: CompletionCommand, condition: String) -> [String] {
        let start = "complete -c \(program)\(condition)"
        var lines = command.options.map { option in
            let names = option.names.map {
                $0.hasPrefix("--") ? "-l \($0.dropFirst(2))" : "-s \($0.dropFirst())"
            }
            let value =
                switch option.completion {
                case .none: ""
                case .files: " -r -F"
                case .words(let words): " -x -a \(quoted(words.joined(separator: " ")))"
                case .text: " -x"
                }
            return "\(start) \(names.joined(separator: " "))\(value) -d \(quoted(option.help))"
        }
        switch command.operands {
        case .files: lines.append("\(start) -F")
        case .words(let words): lines.append("\(start) -a \(quoted(words.joined(separator: " ")))")
        case .none, .text: break
        }
        return lines
    }
}
