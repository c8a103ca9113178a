// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire
import Testing

@testable import FetchRun

@Suite struct InputBatchTests {
    @Test(
        arguments: [
            "data:,x", "http://127.0.0.1:8199/s", "https://example.com/a?b#c", "http://EXAMPLE.com./x",
            " http://a/ ", "http://a/<>\"", "http://a/é", #"{"url":"http://a:81/"}"#,
            #"{ "url":"http://a/" }"#,
            #"{"url":"data:,x","id":"1","meta":[2],"timeout_s":3,"method":"POST"}"#,
            #"{"url":"http://a/","id":5}"#, "http://", "{", "x", "#", "", "\u{FEFF}http://a/",
        ]
    )
    func aLineReadInPlaceGivesTheSameMessageAsACopiedLine(_ line: String) throws {
        let bytes = Array("before\n\(line)\nbehind".utf8)
        var (inPlace, read) = (InputBatch(bytes: bytes), InputBatch())
        inPlace.add(lineAt: 7..<7 + line.utf8.count, ordinal: 3)
        read.add(InputLine.of(line, ordinal: 3))
        #expect(inPlace.described == read.described)
        #expect(inPlace.messages.map(\.task.host) == read.messages.map(\.task.host))
        for (left, right) in zip(inPlace.messages, read.messages) {
            var (left, right) = (left.task, right.task)
            (left.text, right.text) = (TextPlace(start: 0, count: 0), TextPlace(start: 0, count: 0))
            #expect(left == right)
        }
    }

    @Test func recallsAndCancellationsKeepTheirPlacesAmongTheTasks() {
        var batch = InputBatch()
        batch.add(InputLine.of("http://a/"), reference: 7)
        batch.add(.recall, 4)
        batch.add(InputLine.of("x", ordinal: 2), reference: 8)
        batch.add(.cancel, 7)
        #expect(batch.messages.map(\.kind) == [.task, .recall, .refused, .cancel])
        #expect(batch.messages.map(\.number) == [7, 4, 8, 7])
        #expect(batch.refused.map(\.ordinal) == [2])
    }
}

extension InputBatch {
    /// The messages as texts, in order.
    ///
    /// The text of a task is its line number and its task object. The text of a refused line is its line
    /// number and error class. The batch must have no messages of other kinds.
    var described: [String] {
        var refused = refused[...]
        return messages.map { message in
            guard message.kind == .task else {
                let said = refused.removeFirst()
                return "\(said.ordinal) \(said.error.errorClass.rawValue)"
            }
            var store = TextStore()
            let (text, bytes) = (message.task.text, bytes)
            let range = Int(text.start)..<Int(text.start) + Int(text.count)
            let place = store.store(bytes.span.extracting(range), isBare: message.isBare)
            return store.with(place) { object in
                "\(message.task.ordinal) \(String(decoding: object.array(0..<object.count), as: UTF8.self))"
            }
        }
    }
}
