// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire
import ProcessPool
import Testing

@testable import FetchRun

@Suite struct RunItemsTests {
    @Test func aTokenIsReusedOnlyAfterItsTaskHasEnded() throws {
        var items = RunItems()
        let tokens = try (1...3).map { items.add(try RunItem.of("http://h/", ordinal: $0)) }
        #expect(Set(tokens).count == 3)
        #expect(items.remove(tokens[1])?.task.ordinal == 2)
        #expect(items.count == 2)
        #expect(items.add(try RunItem.of("http://h/", ordinal: 4)) == tokens[1])
        #expect(tokens.map { items[$0]?.task.ordinal } == [1, 4, 3])
        #expect(items.count == 3)
    }

    @Test func aTaskIsRemovedOnlyOnceSoNoTwoTasksGetItsToken() throws {
        var items = RunItems()
        let token = items.add(try RunItem.of("http://h/"))
        #expect(items.remove(token) != nil)
        #expect(items.remove(token) == nil)
        #expect(items[token] == nil)
        #expect(items.count == 0)
        let first = items.add(try RunItem.of("http://h/"))
        let second = items.add(try RunItem.of("http://h/"))
        #expect(first != second)
    }

    @Test func aFetchedResultIsKeptOnlyForItsOwnTask() throws {
        var items = RunItems()
        let first = items.add(try RunItem.of("http://h/"))
        let second = items.add(try RunItem.of("http://h/"))
        let message = ResultMessage(seq: 9)
        items.keep(RunItem.Fetched(line: [1, 2], message: message, worker: .sample, time: 0), for: second)
        #expect(items[first]?.fetched == nil)
        #expect(items[second]?.fetched?.line == [1, 2])
        #expect(items.remove(second)?.fetched?.message.seq == 9)
        let again = items.add(try RunItem.of("http://h/"))
        #expect(items[again]?.fetched == nil)
    }
}
