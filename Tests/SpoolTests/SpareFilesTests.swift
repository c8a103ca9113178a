// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire
import TestFolders
import Testing

@testable import Spool

/// Tests of spares (`SpareFiles`): files of removed segments that later segments reuse.
@Suite struct SpareFilesTests {
    private let parent = TestFolder()

    /// Creates a spool for one fetch worker, with a segment size of 64 KiB.
    private func spool(keepsSpares: Bool = true) throws -> RunSpool {
        try RunSpool(in: parent.path, limit: 768 << 10, workers: 1, keepsSpares: keepsSpares)
    }

    private func name(_ worker: Int, _ number: Int) -> SegmentName {
        SegmentName(worker: worker, number: number)
    }

    private func names(in spool: RunSpool) -> Set<String> {
        Set(OpenFolder(path: spool.directory.path)?.names ?? []).subtracting(["lock"])
    }

    private func status(_ path: String) throws -> stat { try #require(SystemPath.status(of: path)) }

    private func makeFile(_ spool: RunSpool, _ name: String, bytes: Int = 1) {
        let file = unsafe creat("\(spool.directory.path)/\(name)", 0o600)
        ftruncate(file, bytes)
        close(file)
    }

    /// Makes the segments `numbers` of worker 1 with one body each, releases the bodies, and lets the worker
    /// leave the segments.
    private func leave(_ numbers: ClosedRange<Int>, bytes: Int = 1, in spool: inout RunSpool) {
        for number in numbers {
            makeFile(spool, "1-\(number)", bytes: bytes)
            let body = BodyPlace.spooled(1, number, at: 0, bytes)
            spool.announce(body, memoryBytes: 0)
            spool.release(body, memoryBytes: 0)
        }
        _ = spool.apply(Beat(segment: name(1, numbers.upperBound + 1)), of: 1, at: .seconds(0))
    }

    @Test func theFileOfARemovedSegmentIsWrittenAgain() throws {
        var spool = try spool()
        defer { spool.directory.removeAll() }
        let writer = SpoolWriter(directory: spool.directory.path, worker: 1, segmentBytes: 100)
        let long = [UInt8](repeating: 1, count: 300)
        #expect(try writer.append(long) == (name(1, 0), 0))
        let first = try status(spool.directory.file(of: name(1, 0)))
        let body = BodyPlace.spooled(1, 0, at: 0, long.count)
        spool.announce(body, memoryBytes: 0)
        #expect(spool.apply(Beat(segment: writer.segment), of: 1, at: .seconds(0)) == nil)
        #expect(names(in: spool) == ["1-0"], "a needed body must stay")
        spool.release(body, memoryBytes: 0)
        #expect(names(in: spool) == ["spare-0"])

        let (short, last) = ([UInt8](repeating: 2, count: 40), [UInt8](repeating: 3, count: 70))
        #expect(try writer.append(short) == (name(1, 1), 0))
        #expect(names(in: spool) == ["1-1"])
        #expect(try status(spool.directory.file(of: name(1, 1))).isSame(as: first))
        #expect(spool.directory.read(name(1, 1), offset: 0, bytes: short.count) == short)
        #expect(try writer.append(last) == (name(1, 1), 40))
        #expect(spool.directory.read(name(1, 1), offset: 40, bytes: last.count) == last)
        #expect(spool.directory.read(name(1, 1), offset: 0, bytes: short.count) == short)
        // The writer has left the segment, and has removed the old bytes from the segment's file.
        #expect(try status(spool.directory.file(of: name(1, 1))).st_size == 110)
    }

    @Test func oldBytesBehindTheBodiesStayAtMostUntilTheNextBeat() throws {
        let spool = try spool()
        defer { spool.directory.removeAll() }
        makeFile(spool, "spare-1", bytes: 5_000)
        let writer = SpoolWriter(directory: spool.directory.path, worker: 1, segmentBytes: 1 << 20)
        _ = try writer.append([1, 2, 3])
        let file = spool.directory.file(of: name(1, 0))
        #expect(try status(file).st_size == 5_000)
        writer.leaveIfUnused()
        #expect(writer.segment == name(1, 0))
        #expect(try status(file).st_size == 3)
        _ = try writer.append([4])
        writer.leaveIfUnused()
        #expect(spool.directory.read(name(1, 0), offset: 0, bytes: 4) == [1, 2, 3, 4])
    }

    @Test func thereAreAtMostTwoSpares() throws {
        var spool = try spool()
        defer { spool.directory.removeAll() }
        leave(1...4, in: &spool)
        #expect(names(in: spool) == ["spare-0", "spare-1"])
    }

    @Test func theFileOfALargeSegmentIsRemoved() throws {
        var spool = try spool()
        defer { spool.directory.removeAll() }
        #expect(spool.segmentBytes == 64 << 10)
        leave(1...1, bytes: 128 << 10 + 1, in: &spool)
        #expect(names(in: spool) == [])
        leave(2...2, bytes: 128 << 10, in: &spool)
        #expect(names(in: spool) == ["spare-0"])
    }

    @Test func onlyOneOfSeveralWorkersGetsASpare() async throws {
        let spool = try spool()
        defer { spool.directory.removeAll() }
        let directory = spool.directory.path
        for round in 0..<50 {
            makeFile(spool, "spare-0", bytes: 100)
            let spare = try status(directory + "/spare-0")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        let number = 4 * round + worker
                        let writer = SpoolWriter(directory: directory, worker: number, segmentBytes: 1)
                        _ = try writer.append(Array("body \(number)".utf8))
                    }
                }
                try await group.waitForAll()
            }
            let numbers = 4 * round..<4 * round + 4
            for number in numbers {
                let body = Array("body \(number)".utf8)
                #expect(spool.directory.read(name(number, 0), offset: 0, bytes: body.count) == body)
            }
            let files = try numbers.map { try status(spool.directory.file(of: name($0, 0))) }
            #expect(files.count { $0.isSame(as: spare) } == 1)
            for number in numbers { spool.directory.remove(name(number, 0)) }
        }
    }

    @Test func aFileWithTheNameOfTheNextSegmentIsNotReplaced() throws {
        let folder = TestFolder()
        try folder.write("of another", to: "1-0")
        try folder.write("spare", to: "spare-0")
        let writer = SpoolWriter(directory: folder.path, worker: 1, segmentBytes: 1 << 20)
        #expect(throws: SpoolWriter.Failure.self) { try writer.append([1]) }
        #expect(try folder.read("1-0") == "of another")
        #expect(try folder.read("spare-0") == "spare")
    }

    @Test func aSpareThatIsNoRegularFileIsNotWritten() throws {
        let folder = TestFolder()
        try folder.write("of another", to: "other")
        #expect(unsafe symlink(folder.file("other"), folder.file("spare-0")) == 0)
        #expect(unsafe mkfifo(folder.file("spare-1"), 0o600) == 0)
        // Without a reader, a pipe could not be opened for writing.
        let reader = unsafe open(folder.file("spare-1"), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let writer = SpoolWriter(directory: folder.path, worker: 1, segmentBytes: 1)
        for text in ["one", "two"] { _ = try writer.append(Array(text.utf8)) }
        #expect(folder.names == ["1-0", "1-1", "other"])
        #expect(try folder.read("other") == "of another")
        #expect(try folder.read("1-0") + folder.read("1-1") == "onetwo")
    }

    @Test func aLinkWithTheNameOfASegmentDoesNotBecomeASpare() throws {
        var spool = try spool()
        defer { spool.directory.removeAll() }
        #expect(unsafe symlink("/dev/null", spool.directory.file(of: name(1, 1))) == 0)
        let body = BodyPlace.spooled(1, 1, at: 0, 1)
        spool.announce(body, memoryBytes: 0)
        spool.release(body, memoryBytes: 0)
        _ = spool.apply(Beat(segment: name(1, 2)), of: 1, at: .seconds(0))
        #expect(names(in: spool) == [])
    }

    @Test func aFullSpoolHasNoSpares() throws {
        var spool = try spool()
        defer { spool.directory.removeAll() }
        leave(1...2, in: &spool)
        makeFile(spool, "1-3")
        let body = BodyPlace.spooled(1, 3, at: 0, 1)
        spool.announce(body, memoryBytes: 0)
        spool.release(body, memoryBytes: 0)
        #expect(names(in: spool) == ["spare-0", "spare-1", "1-3"])
        // The beat says that the worker has left segment 3. The segment's file does not become a spare,
        // because the spool is full.
        #expect(spool.apply(Beat(segment: name(1, 4), isSpoolFull: true), of: 1, at: .seconds(1)) == nil)
        #expect(names(in: spool) == [])
        #expect(spool.apply(Beat(segment: name(1, 4)), of: 1, at: .seconds(2)) == nil)
        leave(4...5, in: &spool)
        #expect(names(in: spool) == [])
    }

    @Test func sparesAreRemovedAfterTwoSecondsWithoutANewSpare() throws {
        var spool = try spool()
        defer { spool.directory.removeAll() }
        leave(1...1, in: &spool)
        for second in [1, 2] {
            #expect(spool.apply(Beat(), of: 1, at: .seconds(second)) == nil)
            #expect(names(in: spool) == ["spare-0"])
        }
        #expect(spool.apply(Beat(), of: 1, at: .seconds(3)) == nil)
        #expect(names(in: spool) == [])
        leave(2...2, in: &spool)
        #expect(names(in: spool) == ["spare-0"])
    }

    @Test func theEndOfAWorkerRemovesTheSparesAndItsSegmentsWithoutNeededBodies() throws {
        var spool = try spool()
        defer { spool.directory.removeAll() }
        leave(1...1, in: &spool)
        for number in 2...3 {
            makeFile(spool, "1-\(number)")
            spool.announce(.spooled(1, number, at: 0, 1), memoryBytes: 0)
        }
        spool.release(.spooled(1, 3, at: 0, 1), memoryBytes: 0)
        #expect(names(in: spool) == ["spare-0", "1-2", "1-3"])
        spool.workerEnded(1)
        #expect(names(in: spool) == ["1-2"])
        spool.release(.spooled(1, 2, at: 0, 1), memoryBytes: 0)
        #expect(names(in: spool) == [])
    }

    @Test func aRunWithoutBeatsKeepsNoSpares() throws {
        var spool = try spool(keepsSpares: false)
        defer { spool.directory.removeAll() }
        leave(1...2, in: &spool)
        #expect(names(in: spool) == [])
    }

    @Test func removeAllRemovesTheSpares() throws {
        var spool = try spool()
        leave(1...2, in: &spool)
        #expect(names(in: spool) == ["spare-0", "spare-1"])
        spool.directory.removeAll()
        #expect(parent.names == [])
    }
}

extension PoolTime {
    fileprivate static func seconds(_ count: Int) -> PoolTime { PoolTime(nanoseconds: count * 1_000_000_000) }
}
