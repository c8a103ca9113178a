// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker
import Testing

struct JSONResultTests {
    @Test func dictionaryLiteralsKeepTheirOrderWithoutNilMembers() {
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

    @Test(arguments: [(1.5, "1.5"), (-0.25, "-0.25"), (1e300, "1e+300"), (5, "5.0")])
    func doublesHaveTheirSwiftDescription(number: Double, text: String) {
        #expect(JSONResult(number).description == text)
    }

    @Test func floatsHaveTheShortestFormOfTheirType() {
        #expect(JSONResult(Float(0.1)).description == "0.1")
    }

    @Test func numbersThatJSONLacksAreFaultsWithTheirPlace() {
        let rest = "which JSON cannot express; return nil or a string instead"
        #expect(JSONResult(Double.nan).description == "result is nan, \(rest)")
        let nested: JSONResult = ["prices": [1, ["net": Float.infinity]], "a b": [Double.nan]]
        #expect(nested.description == "result.prices[1].net is inf, \(rest)")
        let array: JSONResult = [["a b": ["x": -Double.infinity]]]
        #expect(array.description == "result[0][\"a b\"].x is -inf, \(rest)")
    }

    @Test func integersOfAllSizesAreExact() {
        let result: JSONResult = [
            Int8.min, UInt8.max, Int64.min, UInt64.max, Int128.min, UInt128.max, UInt16(3), 1 as UInt,
        ]
        #expect(
            result.description
                == "[-128,255,-9223372036854775808,18446744073709551615,-170141183460469231731687303715884105728,"
                + "340282366920938463463374607431768211455,3,1]"
        )
    }

    @Test func literalsOfSeveralTypesNest() {
        let (count, title): (Int, String?) = (5, nil)
        let result: JSONResult = [
            "words": count, "title": title, "first": "a b".split(separator: " ").first,
            "nested": [
                "x": 1, "y": "z", "count": count, "title": title,
                "list": [1, "a", nil, ["k": [1, 2, 3], "half": 2.5, "yes": true]],
            ],
            "empty": [:], "none": [], "null": JSONResult.null,
        ]
        #expect(
            result.description
                == #"{"words":5,"first":"a","nested":{"x":1,"y":"z","count":5,"list":[1,"a",null,"#
                + #"{"k":[1,2,3],"half":2.5,"yes":true}]},"empty":{},"none":[],"null":null}"#
        )
    }

    @Test func everyLiteralIsAResult() {
        let results: [(JSONResult, String)] = [
            ("a", #""a""#), (3, "3"), (2.5, "2.5"), (true, "true"), (nil, "null"),
            ([1, nil, "x"], #"[1,null,"x"]"#),
        ]
        for (result, text) in results { #expect(result.description == text) }
    }

    @Test func valuesOfAReaderCanBePartsOfAResult() throws {
        let reader = try JSONReader(#"{"a": [1, {"b": "x y"}], "big": 1e400}"#)
        let result: JSONResult = ["a": reader["a"], "big": reader["big"], "gone": reader["gone"]]
        #expect(result.description == #"{"a":[1,{"b":"x y"}],"big":1e400,"gone":null}"#)
        let deep = String(repeating: "[", count: 501) + String(repeating: "]", count: 501)
        #expect(
            JSONResult(["a": try JSONReader(deep)]).description
                == "result.a nests deeper than 500 arrays and objects"
        )
    }

    @Test func nilElementsOfAnArrayBecomeNull() {
        let holes: [Int?] = [1, nil]
        #expect(JSONResult(holes).description == "[1,null]")
        #expect(([] as JSONResult).description == "[]")
    }

    @Test func membersOfADictionaryAreSortedByName() {
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
        // The scanner's own limit is below 600.
        for depth in [501, 600] {
            #expect(throws: TaskFailure("the result nests deeper than 500 arrays and objects")) {
                try JSONResult(text: nested(depth))
            }
        }
    }
}
