// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import PoolWire
import TestFolders
import Testing

@testable import Spool

@Suite struct SpoolWriterTests {
    private let folder = TestFolder()

    @Test func aFullSegmentGetsNoMoreBodies() {
        var segments = SpoolSegments(worker: 3, maxBytes: 8 << 20)
        let places = (0..<4).map { _ in segments.add(bytes: 5 << 20) }
        #expect(places.map { "\($0.segment)" } == ["3-0", "3-0", "3-1", "3-1"])
        #expect(places.map(\.offset) == [0, 5 << 20, 0, 5 << 20])
        #expect("\(segments.current)" == "3-2")
    }

    @Test func anEmptySegmentIsNotClosed() {
        var segments = SpoolSegments(worker: 3, maxBytes: 8 << 20)
        segments.leave()
        #expect("\(segments.current)" == "3-0")
        _ = segments.add(bytes: 1)
        segments.leave()
        #expect("\(segments.current)" == "3-1" && segments.used == 0)
    }

    @Test func bodiesFollowEachOtherInOneFile() throws {
        let writer = SpoolWriter(directory: folder.path, worker: 1, segmentBytes: 1 << 20)
        let first = try writer.append(Array("one".utf8))
        let second = try writer.append(Array("two".utf8))
        #expect(first == (SegmentName(worker: 1, number: 0), 0))
        #expect(second == (SegmentName(worker: 1, number: 0), 3))
        #expect(try folder.read("1-0") == "onetwo")
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("1-0"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func aLongBodyIsWrittenInPiecesWithACallAfterEachPiece() throws {
        final class Count { var value = 0 }
        let notes = Count()
        let writer = SpoolWriter(directory: folder.path, worker: 1, segmentBytes: 1 << 30) {
            notes.value += 1
        }
        var body = [UInt8](repeating: 0x61, count: 5 << 20)
        body[3 << 20] = 0x62
        #expect(try writer.append([1, 2, 3]).offset == 0)
        #expect(notes.value == 1)
        #expect(try writer.append(body).offset == 3)
        #expect(notes.value == 6)
        let written = try Data(contentsOf: URL(fileURLWithPath: folder.file("1-0")))
        #expect(Array(written) == [1, 2, 3] + body)
    }

    @Test func anExistingFileIsAFailure() throws {
        try folder.write("", to: "1-0")
        let writer = SpoolWriter(directory: folder.path, worker: 1, segmentBytes: 1 << 20)
        #expect(throws: SpoolWriter.Failure.self) { try writer.append([1]) }
    }

    @Test func aSegmentIsClosedAfterATimeWithoutBodies() throws {
        let spool = SpoolWriter(directory: folder.path, worker: 2, segmentBytes: 1 << 20)
        spool.leaveIfUnused()
        #expect(spool.segment.number == 0, "an empty segment was closed")
        _ = try spool.append([1, 2, 3])
        spool.leaveIfUnused()
        #expect(spool.segment.number == 0, "a segment in use was closed")
        spool.leaveIfUnused()
        #expect(spool.segment.number == 1)
        #expect(try spool.append([4]) == (SegmentName(worker: 2, number: 1), 0))
        #expect(try Array(folder.read("2-0").utf8) == [1, 2, 3])
    }

    /// Nobody could open the removed file to read a body.
    @Test func aFileThatAnotherProgramHasRemovedGetsNoMoreBodies() throws {
        let writer = SpoolWriter(directory: folder.path, worker: 1, segmentBytes: 1 << 20)
        _ = try writer.append(Array("one".utf8))
        try FileManager.default.removeItem(atPath: folder.file("1-0"))
        let place = try writer.append(Array("two".utf8))
        #expect(place == (SegmentName(worker: 1, number: 1), 0))
        #expect(try folder.read("\(place.segment)") == "two")
        try FileManager.default.removeItem(atPath: folder.path)
        #expect(throws: SpoolWriter.Failure.self) { try writer.append([1]) }
    }
}
