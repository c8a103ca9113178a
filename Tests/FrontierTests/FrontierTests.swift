// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import SimulationSupport
import Testing

@testable import Frontier

@Suite struct FrontierTests {
    @Test func linesLeaveInTheirOrderEvenIfTheStorageIsReused() {
        var frontier = Frontier(nil)
        #expect(frontier.isEmpty)
        for round in 0..<3 {
            for number in 1...4 { frontier.add(round * 10 + number) }
            #expect(!frontier.isEmpty)
            #expect(frontier.popAll() == (1...4).map { round * 10 + $0 })
            #expect(frontier.isEmpty)
        }
    }

    @Test func atMostTheRequestedNumberOfNewestTasksIsWithdrawn() {
        var frontier = Frontier(nil)
        for number in 1...5 { frontier.add(number, reference: number + 100) }
        #expect(frontier.popOrdinal() == 1)
        #expect(frontier.withdrawNewest(max: 2).map(\.task.reference) == [105, 104])
        #expect(frontier.withdrawNewest(max: 0).map(\.task.reference) == [])
        #expect(frontier.popAll() == [2, 3])
        #expect(frontier.withdrawNewest(max: 9).map(\.task.reference) == [])
    }

    @Test func aTaskCanBeWithdrawnByItsReferenceOnlyOnceAndOnlyWhileItWaits() {
        var frontier = Frontier(nil)
        for number in 1...3 { frontier.add(number, reference: number + 100) }
        #expect(frontier.popOrdinal() == 1)
        let given = [101, 102, 102, 999].map { frontier.withdraw(reference: $0) != nil }
        #expect(given == [false, true, false, false])
        #expect(frontier.popAll() == [3])
    }

    @Test func aFrontierIsEmptyAfterAllItsTasksAreWithdrawn() {
        var frontier = Frontier(nil)
        for number in 1...3 { frontier.add(number, reference: number) }
        let given = [2, 1].map { frontier.withdraw(reference: $0) != nil }
        #expect(given == [true, true])
        #expect(!frontier.isEmpty)
        #expect(frontier.withdrawNewest(max: 5).map(\.task.reference) == [3])
        #expect(frontier.isEmpty)
    }

    @Test func aFrontierThatIsNeverEmptyDoesNotGrow() {
        var frontier = Frontier(nil)
        frontier.add(0, reference: 0)
        for number in 1...10_000 {
            frontier.add(number, reference: number)
            #expect(frontier.popOrdinal() == number - 1)
        }
        #expect(frontier.tasks.capacity < 200)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func aFrontierWithoutRulesBehavesLikeAnArray(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var frontier = Frontier(nil)
        var list: [Int] = []
        for number in 1...1_000 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0...3:
                frontier.add(number, reference: number)
                list.append(number)
            case 4, 5:
                #expect(frontier.popOrdinal() == (list.isEmpty ? nil : list.removeFirst()))
            case 6:
                let count = Int.random(in: 0...3, using: &random)
                #expect(
                    frontier.withdrawNewest(max: count).map(\.task.reference)
                        == Array(list.suffix(count).reversed())
                )
                list.removeLast(min(count, list.count))
            default:
                let wanted = Int.random(in: 1...number, using: &random)
                #expect((frontier.withdraw(reference: wanted) != nil) == list.contains(wanted))
                list.removeAll { $0 == wanted }
            }
            #expect(frontier.isEmpty == list.isEmpty)
        }
        #expect(frontier.popAll() == list)
    }
}

extension Frontier {
    /// Adds a task with a line number and a `RunTask.reference`.
    fileprivate mutating func add(_ ordinal: Int, reference: Int = 0) {
        add(
            InputLine.of("http://host/", ordinal: ordinal),
            reference: reference,
            at: PoolTime(nanoseconds: 0)
        )
    }

    fileprivate mutating func popOrdinal() -> Int? {
        popNext(at: PoolTime(nanoseconds: 0))?.task.ordinal
    }

    fileprivate mutating func popAll() -> [Int] {
        var ordinals: [Int] = []
        while let ordinal = popOrdinal() { ordinals.append(ordinal) }
        return ordinals
    }
}
