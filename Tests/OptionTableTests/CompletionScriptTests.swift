// SPDX-License-Identifier: MIT
// fetchpool

import OptionTable
import Testing

/// Tests the text of completion scripts.
///
/// Other tests run the completion scripts of `fetchpool` in shells.
@Suite struct CompletionScriptTests {
    private struct Part: Sendable {
        var names: [String] = []
        var format: Switch?

        static let table = OptionTable<Part>(
            "sample part",
            version: "1",
            summary: "Does a part.",
            sections: OptionSection(
                nil,
                .operands(as: "FILE", appendTo: \.names, help: "what to do"),
                .value("-f", "--format", as: "auto|on|off", sets: \.format, help: "how [so]: it's done")
            )
        )
    }

    private func script(_ shell: CompletionShell) -> String {
        Sample.table.completionScript(
            for: shell,
            commands: [
                CompletionCommand("part", help: "do a part", Part.table),
                CompletionCommand("colour", help: "choose it", words: ["red", "blue"]),
            ]
        )
    }

    @Test func aQuoteBeforeACombiningMarkIsEscaped() {
        let quoted = Array("a'\u{301}'b".inSingleQuotes.utf8)
        #expect(quoted == Array(#"'a'\''"#.utf8) + Array("\u{301}'\\''b'".utf8))
    }

    @Test func bashSeparatesTheOptionsOfACommandFromThoseOfTheProgram() {
        let part = """
                part)
                    case $previous in
                    -f|--format) _sample_words 'auto on off'; return ;;
                    esac
                    if [[ $current == -* ]]; then _sample_words '-f --format -h --help --version'; return; fi
                    ;;
                colour)
                    _sample_words 'red blue'
                    ;;
                *)
                    case $previous in
                    -i|--input) return ;;
            """
        #expect(script(.bash).contains(part))
        #expect(script(.bash).contains("_sample_words 'part colour'\n"))
    }

    @Test func zshCompletesAValueJoinedToItsOption() {
        let part = """
                (part)
                    shift words
                    ((CURRENT -= 1))
            _arguments -s -S \\
                '*-f+[how \\[so\\]\\: it'\\''s done]:value:(auto on off)' \\
                '*--format=[how \\[so\\]\\: it'\\''s done]:value:(auto on off)' \\
                '*-h[print this help]' \\
                '*--help[print this help]' \\
                '*--version[print the version]' \\
                '*:operand:_files'
            """
        #expect(script(.zsh).contains(part))
        #expect(script(.zsh).contains("commands=('part:do a part' 'colour:choose it')"))
    }

    @Test func fishHasAConditionForEachCommand() {
        let lines = script(.fish).split(separator: "\n").map(String.init)
        let (part, none) = ("-n '__sample_command part'", "-n 'not __sample_command part colour'")
        #expect(
            lines.contains("complete -c sample \(none) -s o -l output -r -F -d 'records'")
                && lines.contains("complete -c sample \(part) -F")
                && lines.contains("complete -c sample -n '__sample_command colour' -a 'red blue'")
        )
        #expect(lines.filter { $0.contains("--format") || $0.contains("-l format") }.count == 1)
    }
}
