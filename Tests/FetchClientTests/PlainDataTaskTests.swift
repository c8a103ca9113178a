// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import Testing

@testable import FetchClient

struct PlainDataTaskTests {
    @Test(arguments: ["", "x", "hello", "A-Z.a_z~0123456789", String(repeating: "long", count: 5_000)])
    func theFastPathAndTheGeneralPathWriteTheSameResult(_ content: String) throws {
        let object = Array(#"{"url":"data:,\#(content)"}"#.utf8)
        let limits = ResponseLimits(maxBodyBytes: content.utf8.count, wantsResponse: false)
        let recognised = PlainDataTask(object.span, maxBodyBytes: limits.maxBodyBytes)
        let plain = try #require(recognised)
        var writer = JSONWriter()
        plain.writeResultMessage(seq: 4_711, of: object.span, into: &writer)
        let task = try FetchTask(reading: object.span)
        let result = try #require(LocalFetch.result(of: task, token: 0, limits: limits))
        var general = JSONWriter()
        general.writeResultMessage(seq: 4_711) { result.writeMembers(into: &$0) }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == String(decoding: general.bytes, as: UTF8.self)
        )
    }

    @Test(arguments: [
        (#"{"url":"data:,hello"}"#, true), (#"{"url":"data:text/plain,hello"}"#, true),
        (#"{"url":"data:,hello","method":"HEAD"}"#, false),
    ])
    func aBodyLargerThanTheLimitIsRefused(_ object: String, isRefused: Bool) throws {
        let bytes = Array(object.utf8)
        let isRecognised = PlainDataTask(bytes.span, maxBodyBytes: 4) != nil
        #expect(!isRecognised)
        let limits = ResponseLimits(maxBodyBytes: 4, wantsResponse: true)
        let result = try #require(
            LocalFetch.result(of: try FetchTask(reading: bytes.span), token: 0, limits: limits)
        )
        #expect(result.error?.errorClass == (isRefused ? .tooLarge : nil))
        #expect(result.body == nil)
    }

    @Test(arguments: [
        #"{}"#, #"{"url":"data:,"#, #"{"url":"data:,"}"#.dropLast().description, #"{"url": "data:,x"}"#,
        #"{"url":"data:,x" }"#, #"{"url":"data:,x","id":1}"#, #"{"url":"data:,a%20b"}"#,
        #"{"url":"data:,a#b"}"#, #"{"url":"data:,a\u0062"}"#, #"{"url":"data:,ä"}"#,
        #"{"url":"data:text/plain,x"}"#,
        #"{"url":"DATA:,x"}"#, #"{"url":"http://a/"}"#, #"{"url":"data:,a,b"}"#, #"{"url":"data:,"}"}"#,
    ])
    func otherTextsAreNotRecognised(_ object: String) {
        let bytes = Array(object.utf8)
        let isRecognised = PlainDataTask(bytes.span, maxBodyBytes: 1_000) != nil
        #expect(!isRecognised)
    }
}
