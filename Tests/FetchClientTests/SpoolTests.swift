// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import PoolWire
import TestPrograms
import Testing

@testable import FetchClient

final class SpoolTests {
    private let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "spool-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    @Test func segmentIsLeftForGoodPastItsSize() {
        var segments = SpoolSegments(worker: 3, maxBytes: 8 << 20)
        let places = (0..<4).map { _ in segments.add(bytes: 5 << 20) }
        #expect(places.map { "\($0.segment)" } == ["3-0", "3-0", "3-1", "3-1"])
        #expect(places.map(\.offset) == [0, 5 << 20, 0, 5 << 20])
        #expect("\(segments.current)" == "3-2")
    }

    @Test func segmentIsLeftEarlyOnlyIfSomethingWasPromisedInIt() {
        var segments = SpoolSegments(worker: 3, maxBytes: 8 << 20)
        segments.leave()
        #expect("\(segments.current)" == "3-0")
        _ = segments.add(bytes: 1)
        segments.leave()
        #expect("\(segments.current)" == "3-1" && segments.used == 0)
    }

    @Test func bodiesLieWholeBehindEachOther() throws {
        let writer = SpoolWriter(directory: directory, worker: 1, segmentBytes: 1 << 20)
        let first = try writer.append(Array("one".utf8))
        let second = try writer.append(Array("two".utf8))
        #expect(first == (SegmentName(worker: 1, number: 0), 0))
        #expect(second == (SegmentName(worker: 1, number: 0), 3))
        #expect(FileManager.default.contents(atPath: directory + "/1-0") == Data("onetwo".utf8))
        let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/1-0")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func nameThatIsTakenIsAFailure() throws {
        try Data().write(to: URL(fileURLWithPath: directory + "/1-0"))
        let writer = SpoolWriter(directory: directory, worker: 1, segmentBytes: 1 << 20)
        #expect(throws: SpoolWriter.Failure.self) { try writer.append([1]) }
    }

    @Test(arguments: [("text", 4_096, true), ("text", 4_097, false), ("\u{0}", 4_096, true)])
    func smallTextRidesInTheLine(_ unit: String, _ count: Int, _ isInline: Bool) throws {
        var result = FetchResult(token: 0)
        result.status = 200
        result.body = Array(String(repeating: unit, count: count).utf8.prefix(count))
        let response = try result.response(
            spooledBy: SpoolWriter(directory: directory, worker: 2, segmentBytes: 1 << 20)
        )
        let body = try #require(response?.body)
        let expected: Response.Body =
            isInline ? .inline(result.body ?? []) : .segment(SegmentName(worker: 2, number: 0), offset: 0)
        #expect(body == expected)
    }

    @Test func segmentThatNothingCameIntoForAWhileIsLeft() throws {
        let spool = SpoolWriter(directory: directory, worker: 2, segmentBytes: 1 << 20)
        spool.leaveIfUnused()
        #expect(spool.segment.number == 0, "there is nothing in it that could go")
        _ = try spool.append([1, 2, 3])
        spool.leaveIfUnused()
        #expect(spool.segment.number == 0, "it was just written to")
        spool.leaveIfUnused()
        #expect(spool.segment.number == 1)
        #expect(try spool.append([4]) == (SegmentName(worker: 2, number: 1), 0))
        let left = try Data(contentsOf: URL(fileURLWithPath: directory + "/2-0"))
        #expect(Array(left) == [1, 2, 3])
    }

    @Test func smallBinaryGoesToTheSpool() throws {
        var result = FetchResult(token: 0)
        (result.status, result.body) = (200, [0xFF])
        let response = try result.response(
            spooledBy: SpoolWriter(directory: directory, worker: 2, segmentBytes: 1 << 20)
        )
        #expect(response?.body == .segment(SegmentName(worker: 2, number: 0), offset: 0))
    }

    @Test(arguments: [
        ("text/html; charset=UTF-8", "utf-8"), ("text/html;charset=\"iso-8859-1\"", "iso-8859-1"),
        ("text/html; a=b; Charset = x", "x"), ("text/html", nil), ("text/html; charset=", nil),
    ])
    func charsetIsReadFromTheMediaType(_ type: String, _ charset: String?) {
        #expect(FetchResult.charset(of: type) == charset)
    }
}
