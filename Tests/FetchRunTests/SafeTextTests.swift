// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun

@Suite struct SafeTextTests {
    @Test(
        arguments: [
            "\u{1B}", "\u{7F}", "\u{0}", "\n", "\r", "\u{80}", "\u{85}", "\u{9B}", "\u{9F}", "\u{202A}",
            "\u{202E}",
            "\u{2066}", "\u{2069}", "\u{200E}", "\u{200F}", "\u{61C}", "\u{2028}", "\u{2029}", "\u{10FFE9}",
        ]
    )
    func charactersThatControlATerminalOrTheOrderOfTextAreNotShown(character: String) {
        #expect(SafeText.printable("a\(character)b") == "a\u{FFFD}b")
    }

    @Test func otherTextIsShownAsItIs() {
        let text = "tab\t, naïve café, 日本, עברית, \u{A0}\u{200D}\u{2027}\u{202F}\u{206A}, 👩‍👧"
        #expect(SafeText.printable(text) == text)
    }

    @Test func aLineOfTheDisplayHasNoTab() {
        #expect(ScreenLine("a\tb\u{1B}[2Jc").text == "a b\u{FFFD}[2Jc")
    }
}
