// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire
import TestFolders
import Testing

@testable import Spool

/// Tests of a spool that is full or cannot be written, and of the limits of bodies and segments.
@Suite struct FullSpoolTests {
    private let folder = TestFolder()
    private let body = BodyPlace.spooled(3, 1, at: 0, 100)
    private let full = Beat(segment: SegmentName(worker: 3, number: 2), isSpoolFull: true)

    private func spool(limit: Int = 1_000, workers: Int = 1) throws -> RunSpool {
        try RunSpool(in: folder.path, limit: limit, workers: workers, keepsSpares: true)
    }

    @Test func aSegmentIsRemovedWhenItsWorkerNamesTheNextSegment() throws {
        var spool = try spool()
        let file = spool.directory.file(of: SegmentName(worker: 3, number: 1))
        try folder.write("x", to: String(file.dropFirst(folder.path.count + 1)))
        spool.announce(body, memoryBytes: 0)
        spool.release(body, memoryBytes: 0)
        #expect(spool.apply(Beat(segment: SegmentName(worker: 3, number: 1)), of: 3, at: .tenths(0)) == nil)
        #expect(folder.names.count == 1 && spool.ledger.keeps(SegmentName(worker: 3, number: 1)))
        #expect(spool.apply(full, of: 3, at: .tenths(0)) == nil)
        #expect(!spool.ledger.keeps(SegmentName(worker: 3, number: 1)))
        #expect(!folder.holds("\(spool.directory.path.split(separator: "/").last ?? "")/3-1"))
        spool.directory.removeAll()
    }

    private let broken = Beat(isSpoolFull: true, spoolFault: "the spool file 'x' could not be made: gone")
    private let gone = SpoolError(
        "the spool file 'x' could not be made: gone; name another folder with --spool"
    )

    @Test func aSpoolWhoseFolderIsGoneIsAnErrorAtOnce() throws {
        var spool = try spool()
        spool.announce(body, memoryBytes: 0)
        spool.directory.removeAll()
        #expect(spool.apply(broken, of: 3, at: .tenths(0)) == gone)
    }

    @Test func aSpoolWhosePathLeadsElsewhereIsAnErrorAtOnce() throws {
        var spool = try spool()
        let path = spool.directory.path
        #expect(unsafe rename(path, folder.path + "/moved") == 0)
        #expect(unsafe mkdir(path, 0o700) == 0)
        #expect(spool.apply(broken, of: 3, at: .tenths(0)) == gone)
    }

    @Test func aFileThatReachesTheSizeLimitIsAnErrorAtOnce() throws {
        var spool = try spool()
        spool.announce(body, memoryBytes: 0)
        let fault = "the spool 'x' could not be written: File too large" + SpoolError.sizeLimitAdvice
        let beat = Beat(isSpoolFull: true, spoolFault: fault)
        #expect(spool.apply(beat, of: 3, at: .tenths(0))?.description == fault)
        spool.directory.removeAll()
    }

    /// For a short time, one fetch worker can lack free descriptors although other fetch workers can write.
    @Test func aWorkerThatCannotWriteForAShortTimeDoesNotEndTheRun() throws {
        var spool = try spool()
        spool.announce(body, memoryBytes: 0)
        for tenth in 0..<100 { #expect(spool.apply(broken, of: 3, at: .tenths(tenth)) == nil) }
        #expect(spool.apply(Beat(), of: 3, at: .tenths(100)) == nil)
        for tenth in 101..<201 { #expect(spool.apply(broken, of: 3, at: .tenths(tenth)) == nil) }
        #expect(spool.apply(broken, of: 3, at: .tenths(201)) == gone)
        #expect(spool.apply(broken, of: 4, at: .tenths(201)) == nil)
        spool.directory.removeAll()
    }

    /// A busy worker can repeat an old beat until it has written all bodies that waited.
    @Test func aBodyInASegmentShowsThatItsWorkerCanWriteAgain() throws {
        var spool = try spool()
        #expect(spool.apply(broken, of: 3, at: .tenths(0)) == nil)
        spool.announce(body, memoryBytes: 0)
        #expect(spool.apply(broken, of: 3, at: .tenths(101)) == nil)
        spool.announce(.spooled(4, 1, at: 0, 100), memoryBytes: 0)
        #expect(spool.apply(broken, of: 3, at: .tenths(201)) == gone)
        spool.directory.removeAll()
    }

    @Test func aBodyInASegmentShowsThatTheSpoolIsNotFull() throws {
        var spool = try spool()
        let beat = Beat(isSpoolFull: true)
        #expect(spool.apply(beat, of: 3, at: .tenths(0)) == nil)
        spool.announce(body, memoryBytes: 0)
        spool.release(body, memoryBytes: 0)
        for tenth in 101..<201 { #expect(spool.apply(beat, of: 3, at: .tenths(tenth)) == nil) }
        #expect(spool.apply(beat, of: 3, at: .tenths(201)) != nil)
        spool.directory.removeAll()
    }

    @Test func theRemovalOfASegmentGivesAFullSpoolTenMoreSeconds() throws {
        var spool = try spool()
        for tenth in 0..<60 { #expect(spool.apply(full, of: 3, at: .tenths(tenth)) == nil) }
        let other = BodyPlace.spooled(4, 1, at: 0, 100)
        spool.announce(other, memoryBytes: 0)
        spool.release(other, memoryBytes: 0)
        let hasLeft = Beat(segment: SegmentName(worker: 4, number: 2))
        #expect(spool.apply(hasLeft, of: 4, at: .tenths(60)) == nil)
        for tenth in 61..<161 { #expect(spool.apply(full, of: 3, at: .tenths(tenth)) == nil) }
        #expect(spool.apply(full, of: 3, at: .tenths(161)) != nil)
        spool.directory.removeAll()
    }

    @Test func aFullSpoolIsAnErrorIfNothingInItCanBeRemoved() throws {
        var spool = try spool()
        spool.announce(body, memoryBytes: 0)
        for _ in 0..<3 { #expect(spool.apply(full, of: 3, at: .tenths(0)) == nil) }
        spool.release(body, memoryBytes: 0)
        // The release has removed the segment, which worker 3 had left. The spool waits for 10 s from the
        // next beat of worker 3, because other fetch workers may still leave segments.
        for tenth in 0..<100 { #expect(spool.apply(full, of: 3, at: .tenths(tenth)) == nil) }
        #expect(spool.apply(full, of: 4, at: .tenths(100)) == nil)
        let error = spool.apply(full, of: 3, at: .tenths(100))
        let message = error?.description ?? ""
        #expect(message.contains("full") && message.contains("--spool"))
        spool.directory.removeAll()
    }

    @Test func aBeatThatReportsSpaceGivesAFullSpoolTenMoreSeconds() throws {
        var spool = try spool()
        for tenth in 0..<100 { #expect(spool.apply(full, of: 3, at: .tenths(tenth)) == nil) }
        #expect(spool.apply(Beat(segment: SegmentName(worker: 3, number: 2)), of: 3, at: .tenths(100)) == nil)
        for tenth in 101..<201 { #expect(spool.apply(full, of: 3, at: .tenths(tenth)) == nil) }
        spool.directory.removeAll()
    }

    @Test(arguments: [
        (BodyPlace.inline(bytes: 10), true), (.inline(bytes: 11), false),
        (.spooled(3, 0, at: 0, 10), true), (.spooled(3, 0, at: 0, 11), false),
        (.spooled(4, 0, at: 0, 10), false), (.spooled(3, 0, at: 1 << 40, 10), false),
    ])
    func bodiesThatAreTooLargeOrInAWrongPlaceAreRefused(_ place: BodyPlace, _ isAdmitted: Bool) throws {
        let spool = try spool()
        #expect(spool.admits(place, of: 3, maxBytes: 10) == isAdmitted)
        spool.directory.removeAll()
    }

    @Test(arguments: [(1 << 30, 1, 8 << 20), (24 << 20, 4, 1 << 20), (1, 100, 64 << 10)])
    func segmentsAreSmallIfTheLimitIsSmall(_ limit: Int, _ workers: Int, _ bytes: Int) throws {
        let spool = try spool(limit: limit, workers: workers)
        #expect(spool.segmentBytes == bytes)
        spool.directory.removeAll()
    }
}

extension PoolTime {
    fileprivate static func tenths(_ count: Int) -> PoolTime { PoolTime(nanoseconds: count * 100_000_000) }
}
