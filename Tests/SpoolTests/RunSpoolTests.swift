// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire
import TestFolders
import Testing

@testable import Spool

@Suite struct RunSpoolTests {
    private let parent = TestFolder()

    private func exists(_ spool: RunSpool, _ worker: Int, _ number: Int) -> Bool {
        let name = SegmentName(worker: worker, number: number)
        return unsafe access(spool.directory.file(of: name), F_OK) == 0
    }

    private func makeSegment(_ spool: RunSpool, _ worker: Int, _ number: Int) {
        close(unsafe creat(spool.directory.file(of: SegmentName(worker: worker, number: number)), 0o600))
    }

    @Test func theBytesThatWaitAndTheFetchesInFlightCountTowardsTheLimit() throws {
        var spool = try RunSpool(in: parent.path, limit: 1_000, workers: 1, keepsSpares: true)
        defer { spool.directory.removeAll() }
        let bodies = (0..<4).map { BodyPlace.spooled(1, 1, at: $0 * 200, 200) }
        for body in bodies { spool.announce(body, memoryBytes: 20) }
        // 800 bytes wait in the segment, and 80 bytes wait in memory. Each fetch in flight counts as 220
        // bytes, the mean size of the responses.
        #expect(spool.hasRoom(inFlight: 0))
        #expect(!spool.hasRoom(inFlight: 1))
        for body in bodies { spool.release(body, memoryBytes: 20) }
        // The ledger still keeps the segment, but no body in it is needed.
        #expect(spool.hasRoom(inFlight: 4))
        #expect(!spool.hasRoom(inFlight: 5))
    }

    @Test func theDefaultLimitIsAtMost256MiBAndAtMostHalfOfTheFileSystem() throws {
        let spool = try RunSpool(in: parent.path, limit: nil, workers: 1, keepsSpares: true)
        defer { spool.directory.removeAll() }
        var status = statvfs()
        #expect(unsafe statvfs(parent.path, &status) == 0)
        #expect(spool.limit > 0)
        #expect(spool.limit <= 256 << 20)
        #expect(spool.limit <= Int(status.f_blocks) * Int(status.f_frsize) / 2)
    }

    @Test func aSegmentThatItsWorkerHasLeftIsRemovedAfterItsLastBody() throws {
        var spool = try RunSpool(in: parent.path, limit: 1_000, workers: 1, keepsSpares: true)
        defer { spool.directory.removeAll() }
        let (old, new) = (BodyPlace.spooled(1, 1, at: 0, 9), BodyPlace.spooled(1, 2, at: 0, 9))
        for number in 1...2 { makeSegment(spool, 1, number) }
        spool.announce(old, memoryBytes: 0)
        spool.announce(new, memoryBytes: 0)
        #expect(exists(spool, 1, 1))
        spool.release(old, memoryBytes: 0)
        #expect(!exists(spool, 1, 1))
        spool.release(new, memoryBytes: 0)
        #expect(exists(spool, 1, 2))
    }

    @Test func theEndOfAWorkerRemovesItsSegmentsWithoutNeededBodies() throws {
        var spool = try RunSpool(in: parent.path, limit: 1_000, workers: 1, keepsSpares: true)
        defer { spool.directory.removeAll() }
        for (worker, number) in [(1, 1), (1, 2), (2, 1)] { makeSegment(spool, worker, number) }
        let body = BodyPlace.spooled(1, 1, at: 0, 9)
        spool.announce(body, memoryBytes: 0)
        spool.workerEnded(1)
        #expect(exists(spool, 1, 1))
        #expect(!exists(spool, 1, 2))
        #expect(exists(spool, 2, 1))
        spool.release(body, memoryBytes: 0)
        #expect(!exists(spool, 1, 1))
    }
}
