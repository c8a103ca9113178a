// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport
import TestTerminal
import Testing

@testable import FetchRun

/// Tests of `TerminalBlock` on an emulated terminal.
@Suite struct TerminalBlockTests {
    /// A terminal with a block.
    private struct Terminal {
        var screen: TerminalScreen
        var block = TerminalBlock()

        init(columns: Int, rows: Int) {
            screen = TerminalScreen(columns: columns, rows: rows) { $0.cells }
        }

        var size: TerminalSize { TerminalSize(columns: screen.columns, rows: screen.height) }

        /// Cuts lines so that the last column stays empty, as in the progress display, and draws them.
        mutating func draw(_ lines: [String], below notes: [String] = []) {
            let cut = lines.map { ScreenLine($0).cut(to: size.columns - 1, ellipsis: "…") }
            screen.show(block.draw(cut, below: notes, on: size, hasColors: true))
            block.wasDrawn(on: size)
        }
    }

    @Test func linesAreDrawnInPlaceAndNotesAboveThem() {
        var terminal = Terminal(columns: 40, rows: 10)
        terminal.draw(["one", "two"])
        terminal.draw(["one more", "t"])
        #expect(terminal.screen.lines == ["one more", "t"])
        terminal.draw(["three", "four"], below: ["a note", String(repeating: "x", count: 50)])
        let wrapped = [String(repeating: "x", count: 40), String(repeating: "x", count: 10)]
        #expect(terminal.screen.lines == ["a note"] + wrapped + ["three", "four"])
        terminal.draw(["five"])
        #expect(terminal.screen.lines == ["a note"] + wrapped + ["five"])
        terminal.screen.show(terminal.block.erase(on: terminal.size))
        #expect(terminal.screen.lines == ["a note"] + wrapped)
        #expect(terminal.screen.unknown.isEmpty)
    }

    @Test func aDrawWritesEachLineBeforeItErasesTheRestOfTheRow() {
        var block = TerminalBlock()
        let size = TerminalSize(columns: 40, rows: 10)
        _ = block.draw([ScreenLine("one"), ScreenLine("two")], on: size, hasColors: false)
        let text = block.draw([ScreenLine("1"), ScreenLine("2")], on: size, hasColors: false)
        #expect(text == "\r\u{1B}[1A\u{1B}[?7l1\u{1B}[K\r\n2\u{1B}[K\r\u{1B}[?7h")
    }

    @Test(arguments: [79, 60, 40, 39, 20, 7])
    func linesThatWrapInANarrowerWindowDoNotPileUp(columns: Int) {
        var terminal = Terminal(columns: 80, rows: 100)
        let lines = (1...3).map { String(repeating: "\($0)", count: 79) }
        terminal.draw(lines, below: ["a note"])
        for width in [columns, 80, columns, 200] {
            terminal.screen.resize(columns: width, rows: 100)
            terminal.draw(lines)
            #expect(terminal.screen.lines.filter { $0.first == "1" }.count == 1)
            #expect(terminal.screen.lines.count == 4)
        }
    }

    @Test(arguments: [4, 6, 9])
    func aWindowWithFewRowsEndsWithTheLinesAfterItBecameNarrow(rows: Int) {
        var terminal = Terminal(columns: 80, rows: rows)
        let lines = (1..<rows).map { "\($0) " + String(repeating: "=", count: 70) }
        terminal.draw(lines, below: ["a note"])
        for (columns, height) in [(40, rows), (20, rows), (80, rows), (20, 3), (80, rows)] {
            terminal.screen.resize(columns: columns, rows: height)
            terminal.draw(Array(lines.prefix(height - 1)))
            // If a wrapped block is taller than the window, its first rows scroll out of the window.
            // A larger window can show these rows again, above the block. So only the last rows are compared.
            let last = terminal.screen.visibleLines.suffix(height - 1)
            #expect(last.map { $0.prefix(1) } == (1..<height).map { "\($0)" }, "\(terminal.screen.lines)")
            #expect(last.allSatisfy { $0.cells < columns })
        }
        #expect(terminal.screen.lines.first == "a note")
    }

    @Test func windowsThatChangeAtRandomShowTheNotesAndTheLastLines() {
        for seed in 0..<300 {
            var random = SeededGenerator(seed: UInt64(seed))
            var terminal = Terminal(columns: 80, rows: 100)
            var notes: [String] = []
            for step in 0..<40 {
                if random.next() % 3 == 0 {
                    terminal.screen.resize(columns: 20 + Int(random.next() % 100), rows: 100)
                }
                let new = random.next() % 8 == 0 ? ["note \(step)"] : []
                notes += new
                let count = 1 + Int(random.next() % 4)
                terminal.draw(
                    (0..<count).map { "\($0) 日本 " + String(repeating: "=", count: 80 - $0) },
                    below: new
                )
                let lines = terminal.screen.lines
                #expect(Array(lines.prefix(notes.count)) == notes, "seed \(seed), step \(step)")
                #expect(lines.count == notes.count + count, "seed \(seed), step \(step): \(lines)")
                #expect(lines.allSatisfy { $0.cells < terminal.screen.columns })
            }
            terminal.screen.show(terminal.block.erase(on: terminal.size))
            #expect(terminal.screen.lines == notes)
        }
    }

    @Test func aForgottenBlockIsDrawnBelowWhatTheShellWrote() {
        var terminal = Terminal(columns: 40, rows: 10)
        terminal.draw(["one", "two"])
        terminal.screen.show("\n[1]+  Stopped\n$ fg\n")
        terminal.block.forget()
        terminal.draw(["three", "four"])
        #expect(terminal.screen.lines == ["one", "two", "[1]+  Stopped", "$ fg", "three", "four"])
    }
}
