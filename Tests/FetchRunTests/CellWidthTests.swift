// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun

@Suite struct CellWidthTests {
    @Test(
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한국", 4),
            ("\u{1112}\u{1161}\u{11AB}", 2),
            ("ｱ", 1), ("Ａ", 2), ("、", 2), ("😀", 2), ("☃", 1), ("❤\u{FE0F}", 2), ("━─…·", 4), ("\u{AD}", 0),
            ("\u{200B}", 0), ("⏳", 2), ("🇫🇷", 4), ("👩\u{200D}👧", 4),
        ]
    )
    func theWidthOfATextIsItsNumberOfColumns(text: String, columns: Int) {
        #expect(text.cells == columns)
    }

    @Test(
        arguments: [
            ("abc", 2, "ab"), ("abc", 9, "abc"), ("abc", 0, ""), ("日本", 3, "日"), ("日本", 1, ""),
            ("e\u{301}f", 1, "e\u{301}"), ("a😀", 2, "a"), ("a❤\u{FE0F}", 2, "a"),
        ]
    )
    func aTextIsCutBetweenWholeCharacters(text: String, columns: Int, beginning: String) {
        #expect(text.prefix(columns: columns) == beginning)
    }

    @Test func aCutLineEndsWithAnEllipsisIfThereIsSpaceForIt() {
        let line = ScreenLine([
            ScreenLine.Part(text: "日本", style: .good), ScreenLine.Part(text: " 12 failed", style: .bad),
        ])
        let cut = line.cut(to: 8, ellipsis: "…")
        #expect(cut.text == "日本 12…")
        #expect(cut.cells == 8)
        #expect(cut.rendered(hasColors: true) == "\u{1B}[32m日本\u{1B}[0m\u{1B}[31m 12\u{1B}[0m…")
        #expect(cut.rendered(hasColors: false) == "日本 12…")
        #expect(line.cut(to: 14, ellipsis: "…") == line)
        #expect(line.cut(to: 4, ellipsis: "…").text == "日…")
        #expect(line.cut(to: 0, ellipsis: "…").text == "")
    }
}
