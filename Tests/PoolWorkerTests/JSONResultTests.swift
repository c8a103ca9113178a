// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker
import Testing

struct JSONResultTests {
    @Test func dictionariesKeepTheirOrderAndLeaveOutNilMembers() {
        let title: String? = nil
        let result: JSONResult = [
            "z": 1, "title": title, "a": ["x", "y"], "deep": ["k": true] as JSONResult,
        ]
        #expect(result.description == #"{"z":1,"a":["x","y"],"deep":{"k":true}}"#)
    }

    @Test func namesAndStringsAreEscaped() {
        let result: JSONResult = ["a\"b": "line\nfeed"]
        #expect(result.description == #"{"a\"b":"line\nfeed"}"#)
    }

    @Test(arguments: [(1.5, "1.5"), (-0.25, "-0.25"), (1e300, "1e+300"), (.infinity, "null"), (.nan, "null")])
    func numbersThatJSONLacksAreNull(number: Double, text: String) {
        #expect(JSONResult(number).description == text)
    }

    @Test func nilElementsOfAnArrayBecomeNull() {
        let holes: [Int?] = [1, nil]
        #expect(JSONResult(holes).description == "[1,null]")
        #expect(([] as JSONResult).description == "[]")
    }

    @Test func dictionariesAreSortedByName() {
        #expect(JSONResult(["b": 2, "a": 1]).description == #"{"a":1,"b":2}"#)
    }

    @Test func textLosesItsBlanksExceptInStrings() throws {
        let text = Array("{ \"a b\" :\r\n\t[ 1 , \"x\\\" y\" ] }\n".utf8)
        #expect(try JSONResult(text: text).description == #"{"a b":[1,"x\" y"]}"#)
    }

    @Test(arguments: ["", "{", "[1,]", "nul", "\"\u{1}\""])
    func textThatIsNoJSONIsRefused(text: String) {
        #expect(throws: TaskFailure.self) { try JSONResult(text: Array(text.utf8)) }
    }

    @Test func textMayBeAString() throws {
        #expect(try JSONResult(text: "{ \"a\" : 1 }").description == #"{"a":1}"#)
        #expect(throws: TaskFailure.self) { try JSONResult(text: "{") }
    }

    @Test func textStaysOnOneLineForEveryReader() throws {
        #expect(try JSONResult(text: "[\r\"\u{2028}é\u{85}\"\r]").description == #"["\u2028é\u0085"]"#)
    }

    @Test func textMayNestAsDeepAsALineAllows() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(try JSONResult(text: nested(500)).description.count == 1_000)
        #expect(throws: TaskFailure.self) { try JSONResult(text: nested(501)) }
    }
}
