// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker
import PoolWorkerCoding
import Testing

struct CodableTaskHandlerTests {
    private struct Order: Decodable, Sendable {
        var url: String
        var count: Int8
        var prices: [Double]
        var name: String?
    }

    private struct Doubled: CodableTaskHandler {
        private(set) var calls = 0

        mutating func handle(_ order: Order) async -> [String: [Double]] {
            calls += 1
            return [order.url + "\u{2028}": order.prices.map { $0 * 2 }]
        }
    }

    private func result(_ task: String) async throws -> String {
        var handler = Doubled()
        let task = try WorkerTask(task)
        let result: JSONResult = try await handler.handle(task)
        #expect(handler.calls == 1)
        return result.description
    }

    @Test func tasksAreDecodedAndResultsEncodedOnOneLine() async throws {
        #expect(
            try await result(#"{"url":"u","count":1,"prices":[1.5,2],"other":{}}"#) == #"{"u\u2028":[3,4]}"#
        )
    }

    @Test(arguments: [
        (#"{"url":"u","count":1}"#, "'prices' is missing"),
        (#"{"url":1,"count":1,"prices":[]}"#, "'url': "),
        (#"{"url":"u","count":300,"prices":[]}"#, "a number is outside of the range of its type"),
        (#"{"url":"u","count":1,"prices":[1,"x"]}"#, "'prices[1]': "),
    ])
    func taskThatCannotBeDecodedFailsWithTheReason(task: String, sentence: String) async {
        let failure = await #expect(throws: TaskFailure.self) { try await result(task) }
        #expect(failure?.message.hasPrefix("the JSON cannot be decoded as Order: " + sentence) == true)
        #expect(failure?.message.contains("\n") == false)
    }

    @Test func partsOfATaskAreDecoded() throws {
        let task = try JSONReader(#"{"meta":{"sizes":[1,2]}}"#)
        #expect(try task["meta"]["sizes"].decode([Int].self) == [1, 2])
        #expect(try task["meta"]["sizes"][1].decode(UInt8.self) == 2)
        #expect(throws: JSONReaderError.self) { try task["nosuch"].decode(Int.self) }
    }

    @Test func valueThatCannotBeEncodedIsAFailure() {
        let failure = #expect(throws: TaskFailure.self) {
            try JSONResult(encoding: ["prices": [1, Double.nan]])
        }
        let sentence = "a value of type Dictionary<String, Array<Double>> cannot be encoded as JSON: "
        #expect(failure?.message.hasPrefix(sentence) == true)
        #expect(throws: TaskFailure.self) { try JSONResult(encoding: Double.infinity) }
    }

    @Test func plainValuesAreResults() throws {
        #expect(try JSONResult(encoding: 7).description == "7")
        #expect(try JSONResult(encoding: "é\n").description == #""é\n""#)
        #expect(try JSONResult(encoding: true).description == "true")
    }
}
