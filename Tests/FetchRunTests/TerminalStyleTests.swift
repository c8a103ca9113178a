// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun

@Suite struct TerminalStyleTests {
    @Test(arguments: [nil, "", "dumb", "unknown"] as [String?])
    func aTerminalWithoutEscapeSequencesHasNoStyle(name: String?) {
        var variables = ["LANG": "C.UTF-8"]
        variables["TERM"] = name
        #expect(TerminalStyle.named(by: variables) == nil)
    }

    @Test func aNonEmptyNO_COLORTurnsColorsOff() {
        #expect(TerminalStyle.named(by: ["TERM": "xterm", "NO_COLOR": "1"])?.hasColors == false)
        #expect(TerminalStyle.named(by: ["TERM": "xterm", "NO_COLOR": ""])?.hasColors == true)
    }

    @Test(
        arguments: [
            (["LANG": "de_DE.UTF-8"], true), (["LANG": "C.utf8"], true), (["LANG": "C"], false), ([:], false),
            (["LC_ALL": "C", "LANG": "C.UTF-8"], false), (["LC_ALL": "", "LC_CTYPE": "C.UTF-8"], true),
        ] as [([String: String], Bool)]
    )
    func theLocaleTellsTheEncoding(variables: [String: String], hasUnicode: Bool) {
        let style = TerminalStyle.named(by: variables.merging(["TERM": "tmux"]) { $1 })
        #expect(style?.hasUnicode == hasUnicode)
    }

    @Test(arguments: [-1, 0, 0.01, 0.5, 0.999, 1, 2])
    func aBarHasTheRequestedWidth(share: Double) {
        for style in [TerminalStyle(), TerminalStyle(hasColors: false, hasUnicode: false)] {
            #expect(ScreenLine(style.bar(share, columns: 20)).cells == 20)
        }
        let full = ScreenLine(TerminalStyle().bar(share, columns: 20)).text.allSatisfy { $0 == "━" }
        #expect(full == (share >= 1))
        let plain = TerminalStyle(hasColors: false, hasUnicode: false).bar(share, columns: 20)
        #expect(ScreenLine(plain).text.contains("-") == (share < 1))
    }
}
