// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun

@Suite struct WorkerTableTests {
    private static func worker(
        _ number: Int,
        _ change: (inout WorkerStatus) -> Void = { _ in }
    ) -> WorkerStatus {
        var worker = WorkerStatus(role: "fetcher", number: number, pid: 1_000 + number)
        (worker.inFlight, worker.done, worker.memoryKB) = (2, 10 * number, 36_000)
        (worker.task, worker.taskTime) = ("example.com/\(number)", 3_200_000_000)
        change(&worker)
        return worker
    }

    @Test func aLineTellsWhatAWorkerDoes() {
        let table = WorkerTable([
            Self.worker(9), Self.worker(10) { ($0.restarts, $0.done) = (1, 5_000) },
            Self.worker(11) { $0.isReady = false }, Self.worker(12) { ($0.task, $0.inFlight) = (nil, 0) },
        ])
        #expect(
            table.lines(9, columns: 200, style: TerminalStyle()).map(\.text) == [
                "fetcher 9  · pid 1009 · 2 in flight ·   90 done · 35.2 MiB · 3 s · example.com/9",
                "fetcher 10 · pid 1010 · 2 in flight · 5000 done · 1 restart · 35.2 MiB · 3 s · example.com/10",
                "fetcher 11 · pid 1011 · starting",
                "fetcher 12 · pid 1012 · 0 in flight ·  120 done · 35.2 MiB",
            ]
        )
        #expect(
            table.lines[0] == "fetcher 9 · pid 1009 · 2 in flight · 90 done · 35.2 MiB · 3 s · example.com/9"
        )
    }

    @Test(arguments: [40, 60, 80, 200])
    func aLongURLIsCutAndControlCharactersAreNotShown(columns: Int) {
        let long = "example.com/日本\u{1B}[2J\n" + String(repeating: "é", count: 300)
        let table = WorkerTable((8...11).map { number in Self.worker(number) { $0.task = long } })
        for line in table.lines(9, columns: columns, style: TerminalStyle()) {
            #expect(line.cells < columns)
            #expect(line.text.contains("3 s · exa") && line.text.last == "…")
            #expect(line.text.unicodeScalars.allSatisfy { $0.value >= 0x20 })
        }
    }

    @Test func aLongURLEndsInDotsWithoutUnicode() {
        let table = WorkerTable([Self.worker(8) { $0.task = String(repeating: "a", count: 300) }])
        let line = table.lines(9, columns: 80, style: TerminalStyle(hasUnicode: false))[0]
        #expect(line.cells < 80 && line.text.hasSuffix("aaa...") && line.text.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func aURLWithNonASCIICharactersIsShownInASCIIWithoutUnicode() {
        let url = "bücher.example/日本\u{9B}" + String(repeating: "é", count: 300)
        let line = WorkerTable([Self.worker(8) { $0.task = url }])
            .lines(9, columns: 80, style: TerminalStyle(hasUnicode: false))[0]
        #expect(line.cells < 80 && line.text.contains("b?cher.example/???") && line.text.hasSuffix("..."))
        #expect(line.text.utf8.allSatisfy { 0x20..<0x7F ~= $0 })
    }

    @Test func workersWithoutALineAreSummedUp() {
        let workers = (0..<40).map { number in
            Self.worker(number) {
                if number == 30 { $0.taskTime = 60_000_000_000 }
                if number == 35 { $0.restarts = 2 }
            }
        }
        let lines = WorkerTable(workers).lines(5, columns: 100, style: TerminalStyle()).map(\.text)
        #expect(
            lines.map { $0.prefix(10) } == [
                "fetcher 0 ", "fetcher 1 ", "fetcher 2 ", "fetcher 30", "and 36 mor",
            ]
        )
        #expect(lines.last == "and 36 more workers · 72 in flight · 7470 done · 2 restarts")
        #expect(WorkerTable(workers).lines(40, columns: 100, style: TerminalStyle()).count == 40)
        #expect(WorkerTable(workers).lines(1, columns: 100, style: TerminalStyle()).count == 1)
        #expect(WorkerTable(workers).lines(0, columns: 100, style: TerminalStyle()).isEmpty)
    }

    @Test(arguments: 1...50)
    func theDisplayFitsTheRowsOfTheTerminal(rows: Int) {
        let display = ProgressDisplay(workers: (0..<40).map { Self.worker($0) })
        let lines = display.lines(on: TerminalSize(columns: 80, rows: rows), style: TerminalStyle())
        #expect(lines.count == max(1, min(rows - 1, 42)))
    }
}
