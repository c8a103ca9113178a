// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport
import Testing

@testable import RunReport

@Suite struct TimeGridTests {
    /// Makes a grid with one row, which counts `times`.
    ///
    /// Returns the grid, the row, and the counts that the row must have, which are found by division.
    private func grid(_ times: [Int]) -> (grid: TimeGrid, row: TimeGrid.Row, expected: [Int]) {
        var grid = TimeGrid()
        let row = grid.addRow()
        for time in times { grid[row, grid.column(at: time)] += 1 }
        var expected = [Int](repeating: 0, count: grid.columns.count)
        let start = grid.start(of: grid.columns.lowerBound)
        for time in times { expected[(time - start) / grid.width] += 1 }
        return (grid, row, expected)
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func countsDoNotDependOnTheOrderOfTimes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let length = 1 << Int.random(in: 0...44, using: &random)
        let start = Int.random(in: -1_000_000_000...1_795_687_200_000, using: &random)
        let times = (0..<Int.random(in: 1...400, using: &random)).map { _ in
            start + Int.random(in: 0..<length, using: &random)
        }
        for order in [times, times.sorted(), times.sorted(by: >)] {
            let (grid, row, expected) = grid(order)
            #expect(Array(grid.counts(row)) == expected)
            #expect(grid.columns.count <= TimeGrid.capacity)
            #expect(expected.first != 0 && expected.last != 0)
        }
    }

    @Test func eachWidthIsAMultipleOfThePreviousWidth() {
        for (width, next) in zip(TimeGrid.widths, TimeGrid.widths.dropFirst()) {
            #expect(next % width == 0 && next / width <= 6)
        }
    }

    @Test func aFewMillisecondsHaveColumnsOfAMillisecond() {
        let (grid, _, _) = grid([1_000, 1_001, 1_003])
        #expect(grid.width == 1 && grid.columns.count == 4)
    }

    @Test func theYears0And9999ShareAGrid() {
        let (grid, row, _) = grid([-62_167_219_200_000, 253_402_300_799_999])
        #expect(grid.counts(row).reduce(0, +) == 2)
    }
}
