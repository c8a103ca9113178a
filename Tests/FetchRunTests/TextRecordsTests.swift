// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun

@Suite struct TextRecordsTests {
    private func rewritten(_ line: String) -> String {
        String(decoding: TextRecords.rewritten(Array((line + "\n").utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        (#"{"v":1,"id":7,"outcome":"ok"}"#, #"{"v":1,"id":"7","outcome":"ok"}"#),
        (#"{"id":"7","meta":{"a":"\ud800"}}"#, #"{"id":"7","meta":"{\"a\":\"\\ud800\"}"}"#),
        (
            #"{"id":"\ud800","url":"x\udc00","result":null}"#,
            #"{"id":"\ufffd","url":"x\ufffd","result":"null"}"#
        ),
        (#"{"result":"\u2028 é","bytes":{"wire":1}}"#, #"{"result":"\"\\u2028 é\"","bytes":{"wire":1}}"#),
        (
            #"{"timing":{"dns_ms":1,"total_ms":1000},"attempts":[{"class":"a1\"2","total_ms":0.5,"wait_ms":20}]}"#,
            #"{"timing":{"dns_ms":1.0,"total_ms":1000.0},"attempts":[{"class":"a1\"2","total_ms":0.5,"wait_ms":20.0}]}"#
        ),
        (#"{"timing":{"a":-1,"b":1e3,"c":-0}}"#, #"{"timing":{"a":-1.0,"b":1e3,"c":-0.0}}"#),
        (#"{"id":-0,"result":1e400}"#, #"{"id":"-0","result":"1e400"}"#), ("{}", "{}"),
    ])
    func idsResultsAndMetaBecomeStringsAndTimesGetAFraction(line: String, expected: String) {
        #expect(rewritten(line) == expected + "\n")
    }

    @Test func allLinesAreRewritten() {
        let lines = #"{"id":1}"# + "\n" + #"{"id":2}"#
        #expect(rewritten(lines) == #"{"id":"1"}"# + "\n" + #"{"id":"2"}"# + "\n")
    }
}
