// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun

@Suite struct FittingLineTests {
    private static var line: FittingLine {
        var line = FittingLine()
        line.add("52 of 20000", rank: 9)
        line.add("83.2/s", "", rank: 2)
        line.add("4m left", "", rank: 3)
        line.add("example.com (8 at a time)", "example.com", "", rank: 1)
        return line
    }

    @Test(
        arguments: [
            (80, "52 of 20000 · 83.2/s · 4m left · example.com (8 at a time)"),
            (57, "52 of 20000 · 83.2/s · 4m left · example.com"),
            (43, "52 of 20000 · 83.2/s · 4m left"), (29, "52 of 20000 · 4m left"), (20, "52 of 20000"),
            (10, "52 of 200…"), (1, "…"), (0, ""),
        ]
    )
    func theLeastImportantPartsAreShortenedFirst(columns: Int, text: String) {
        let line = Self.line.line(columns: columns, style: TerminalStyle())
        #expect(line.text == text)
        #expect(line.cells <= columns)
    }

    @Test func aTerminalWithoutUnicodeGetsASCII() {
        let style = TerminalStyle(hasColors: false, hasUnicode: false)
        #expect(Self.line.line(columns: 20, style: style).text == "52 of 20000")
        #expect(Self.line.line(columns: 8, style: style).text == "52 of...")
        #expect(Self.line.line(columns: 30, style: style).text == "52 of 20000 | 83.2/s | 4m left")
    }
}
