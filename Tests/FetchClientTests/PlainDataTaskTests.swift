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
        let recognised = PlainDataTask(object.span)
        let plain = try #require(recognised)
        var writer = JSONWriter()
        plain.writeResultMessage(seq: 4_711, of: object.span, into: &writer)
        let task = try FetchTask(reading: object.span)
        let result = try #require(LocalFetch.result(of: task, token: 0, keepsBody: false))
        var general = JSONWriter()
        general.writeResultMessage(seq: 4_711) { result.writeMembers(into: &$0) }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == String(decoding: general.bytes, as: UTF8.self)
        )
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
        let isRecognised = PlainDataTask(bytes.span) != nil
        #expect(!isRecognised)
    }
}
