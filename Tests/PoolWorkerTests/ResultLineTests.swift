// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@testable import PoolWorker

/// Tests of the lines in which a worker sends results and failures.
struct ResultLineTests {
    private static let limit = 64 << 10

    private func line(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func failure(class name: String = "processor", _ message: String) -> String {
        #"{"t":"result","seq":7,"error":{"class":"\#(name)","message":"\#(message)","retryable":false}}"#
            + "\n"
    }

    /// The description of an error may contain a whole page, and be longer than the longest allowed line.
    @Test func aLongDescriptionOfAnErrorIsCut() throws {
        struct ParseError: Error, CustomStringConvertible {
            let description = String(repeating: "x", count: 17 << 20)
        }
        let line = line { $0.writeFailure(7, TaskFailure(ParseError())) }
        try #require(line.utf8.count < 2 * Self.limit)
        #expect(line == failure(String(repeating: "x", count: Self.limit)))
    }

    @Test func aTextIsCutBetweenTwoCharacters() {
        let whole = String(repeating: "é", count: Self.limit / 2)
        let long = String(repeating: "€", count: 30_000)
        let cut = String(repeating: "€", count: Self.limit / 3)
        let line = line { $0.writeFailure(7, TaskFailure(whole, errorClass: long)) }
        #expect(line == failure(class: cut, whole))
    }

    private func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test func aResultMayBeAsDeepAsALineAllows() throws {
        let line = line { $0.writeResult(7, ["a": 1, "b": try? JSONReader(nested(499))]) }
        #expect(line == #"{"t":"result","seq":7,"result":{"a":1,"b":\#(nested(499))}}"# + "\n")
    }

    @Test func aResultThatIsTooDeepBecauseOfItsPartsIsAFailure() throws {
        let (text, reader) = (try JSONResult(text: nested(500)), try JSONReader(nested(500)))
        for result in [[text], ["a": reader], JSONResult([[try JSONResult(text: nested(499))]])] {
            let line = line { $0.writeResult(7, result) }
            #expect(line == failure("result nests deeper than 500 arrays and objects"))
        }
        let inner: JSONResult = ["a": [1, ["b": text]]]
        #expect(inner.description == "result.a[1] nests deeper than 500 arrays and objects")
    }

    @Test func equalTextsAreEqualResults() throws {
        #expect(try JSONResult(text: " [1] ") == [1])
        #expect(JSONResult { $0.raw([UInt8](#"{"a":[]}"#.utf8)) } == ["a": []])
    }
}
