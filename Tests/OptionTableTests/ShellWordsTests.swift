// SPDX-License-Identifier: MIT
// fetchpool

import OptionTable
import Testing

@Suite struct ShellWordsTests {
    @Test(arguments: [
        ("", []),
        (" \t\n", []),
        ("a", ["a"]),
        ("  a \t b\nc ", ["a", "b", "c"]),
        ("a\r\nb", ["a\r", "b"]),
        ("'a b' \"c d\"", ["a b", "c d"]),
        ("a'b'\"c\"d", ["abcd"]),
        ("'' \"\" a''", ["", "", "a"]),
        (#"a\ b \'c \"d \\"#, ["a b", "'c", "\"d", "\\"]),
        (#"'a\b' 'it'\''s'"#, [#"a\b"#, "it's"]),
        (#""a\"b\\c\$d\`e" "\n""#, [#"a"b\c$d`e"#, #"\n"#]),
        ("a\\\nb \"c\\\nd\"", ["ab", "cd"]),
        ("$HOME `x` *.c ~ # a|b >c", ["$HOME", "`x`", "*.c", "~", "#", "a|b", ">c"]),
        ("'\u{301}a b'", ["\u{301}a b"]),
        ("a\u{A0}b", ["a\u{A0}b"]),
    ])
    func wordsAreSplitAtBlanksOutsideOfQuotes(text: String, words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
    }

    @Test(arguments: [
        ("a 'b", "a single quote (') is not closed"),
        (#"'a\'b'"#, "a single quote (') is not closed"),
        ("a \"b", "a double quote (\") is not closed"),
        (#""a\""#, "a double quote (\") is not closed"),
        (#"a \"#, "nothing follows the last backslash"),
    ])
    func unfinishedTextIsRefused(text: String, message: String) {
        #expect(throws: UsageError(message)) { try ShellWords.split(text) }
    }
}
