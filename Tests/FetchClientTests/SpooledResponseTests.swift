// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import PoolWire
import Spool
import TestPrograms
import Testing

@testable import FetchClient

final class SpooledResponseTests {
    private let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "spool-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    @Test(arguments: [("text", 4_096, true), ("text", 4_097, false), ("\u{0}", 4_096, true)])
    func textOfAtMost4096BytesIsSentInline(_ unit: String, _ count: Int, _ isInline: Bool) throws {
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

    @Test func smallBinaryGoesToTheSpool() throws {
        var result = FetchResult(token: 0)
        (result.status, result.body) = (200, [0xFF])
        let response = try result.response(
            spooledBy: SpoolWriter(directory: directory, worker: 2, segmentBytes: 1 << 20)
        )
        #expect(response?.body == .segment(SegmentName(worker: 2, number: 0), offset: 0))
    }

    @Test func charsetOfAnEarlierFieldCountsForTheSameType() throws {
        var result = FetchResult(token: 0)
        (result.status, result.body, result.contentType) = (200, Array("x".utf8), "text/html")
        result.headers = [
            HeaderField(name: "content-type", value: "text/html; charset=koi8-r"),
            HeaderField(name: "content-type", value: "text/html"),
        ]
        let response = try result.response(
            spooledBy: SpoolWriter(directory: directory, worker: 2, segmentBytes: 1 << 20)
        )
        #expect(response?.charset == "koi8-r")
    }
}
