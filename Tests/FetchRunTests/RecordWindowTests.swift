// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport
import Testing

@testable import FetchRun

@Suite struct RecordWindowTests {
    private func line(_ number: Int, bytes: Int = 1) -> [UInt8] {
        Array("\(number)".utf8) + [UInt8](repeating: 0x20, count: bytes) + [0x0A]
    }

    private func numbers(_ bytes: [UInt8]) -> [Int] {
        bytes.split(separator: 0x0A).compactMap {
            Int(String(decoding: $0.prefix { $0 != 0x20 }, as: UTF8.self))
        }
    }

    /// Takes all records that are ready, and returns their numbers.
    private func takeAll(of window: inout RecordWindow) -> [Int] {
        var taken: [Int] = []
        while window.readyBytes > 0 { taken += numbers(window.take()) }
        return taken
    }

    @Test(arguments: 1...20)
    func aRecordLeavesOnceAllEarlierRecordsHaveCome(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var window = RecordWindow()
        var (left, come): ([Int], Set<Int>) = ([], [])
        for position in (0..<3_000).shuffled(using: &random) {
            window.add(line(position, bytes: .random(in: 0...200, using: &random)), at: position)
            come.insert(position)
            guard Bool.random(using: &random) else { continue }
            left += takeAll(of: &window)
            #expect(!come.contains(left.count))
        }
        left += takeAll(of: &window)
        #expect(left == Array(0..<3_000))
    }

    @Test func theNumberOfTasksInTheWindowIsLimited() {
        var window = RecordWindow()
        #expect(window.admits(RecordWindow.mostTasks - 1))
        #expect(!window.admits(RecordWindow.mostTasks))
        window.add(line(1), at: 1)
        #expect(!window.admits(RecordWindow.mostTasks))
        window.add(line(0), at: 0)
        // Both records still wait to be taken, but no longer occupy places in the window.
        #expect(window.admits(RecordWindow.mostTasks + 1))
        #expect(!window.admits(RecordWindow.mostTasks + 2))
    }

    @Test func onlyRecordsThatMustWaitFillTheWindow() {
        var window = RecordWindow()
        window.add(line(1, bytes: RecordWindow.mostBytes), at: 1)
        #expect(window.isFull)
        #expect(window.readyBytes == 0)
        window.add(line(0), at: 0)
        #expect(!window.isFull)
        #expect(takeAll(of: &window) == [0, 1])
    }

    @Test func atTheEndTasksWithoutARecordAreSkipped() {
        var window = RecordWindow()
        for position in [7, 3, 300, 5] { window.add(line(position), at: position) }
        #expect(takeAll(of: &window) == [])
        window.skipUnended()
        #expect(takeAll(of: &window) == [3, 5, 7, 300])
        window.skipUnended()
        #expect(window.take() == [])
    }
}
