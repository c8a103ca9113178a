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

    /// A description of an error that holds a page can be longer than any line.
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
}
