// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker
import Testing

struct JSONReaderTests {
    private let task: JSONReader

    init() throws {
        task = try JSONReader(
            """
            {"url": "https://h.test/\\u00e9", "id": 17,
             "meta": {"prices": [19.90, {"net": "x"}], "a b": true, "none": null, "big": 1e400},
             "id": 18, "t\\u0061g": "last"}
            """
        )
    }

    private func sentence(_ read: () throws -> Void) -> String {
        do {
            try read()
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test func valuesAreReadByNameAndType() throws {
        #expect(try task["url"].string == "https://h.test/é")
        #expect(try task["meta"]["a b"].bool)
        #expect(try task["meta"]["prices"][0].double == 19.9)
        #expect(try task["meta"]["prices"][0].numberText == "19.90")
        #expect(try task["meta"]["prices"].elements.count == 2)
        #expect(try task["meta"].members.map(\.name) == ["prices", "a b", "none", "big"])
        #expect(try task["meta"]["prices"][1].jsonText == #"{"net": "x"}"#)
        #expect(task["meta"]["prices"].kind == .array)
        #expect(task["meta"]["nosuch"].kind == nil)
    }

    @Test func membersWithRepeatedOrEscapedNamesAreFound() throws {
        #expect(try task["id"].integer() == 18)
        #expect(try task["tag"].string == "last")
        #expect(try task.members.map(\.name) == ["url", "id", "meta", "id", "tag"])
    }

    @Test func optionalIsNilForMissingAndNullValues() throws {
        #expect(task["meta"]["none"].optional == nil)
        #expect(task["nosuch"].optional == nil)
        #expect(task["nosuch"]["deep"][3].optional == nil)
        #expect(task["meta"]["none"]["deep"].optional == nil)
        #expect(try task["id"].optional?.integer() == 18)
        // A value of the wrong type does not count as missing.
        #expect(throws: JSONReaderError.self) { try task["url"].optional?.integer() as Int? }
        #expect(throws: JSONReaderError.self) { try task["url"]["deep"].optional?.string }
    }

    @Test func errorsNameTheValueAndItsPlace() {
        #expect(sentence { _ = try task["nosuch"].string } == "'nosuch' is missing (byte 0)")
        #expect(
            sentence { _ = try task["meta"]["nosuch"]["deep"].string }
                == "'meta.nosuch' is missing (line 2, byte 9)"
        )
        #expect(
            sentence { _ = try task["meta"]["none"]["deep"].string }
                == "'meta.none.deep' is missing: 'meta.none' is null (line 2, byte 64)"
        )
        #expect(
            sentence { _ = try task["meta"]["prices"][7].double }
                == "'meta.prices[7]' is missing: the array has 2 elements (line 2, byte 20)"
        )
        #expect(
            sentence { _ = try task["meta"]["prices"][-1].double }
                == "'meta.prices[-1]' is missing: the array has 2 elements (line 2, byte 20)"
        )
        #expect(
            sentence { _ = try task["meta"]["prices"][1]["net"].double }
                == "'meta.prices[1].net' is a string, not a number (line 2, byte 36)"
        )
        #expect(
            sentence { _ = try task["meta"]["a b"].string }
                == #"'meta["a b"]' is true, not a string (line 2, byte 50)"#
        )
        #expect(
            sentence { _ = try task["url"]["host"].string } == "'url' is a string, not an object (byte 8)"
        )
        #expect(sentence { _ = try task.elements } == "the JSON text is an object, not an array (byte 0)")
        #expect(
            sentence { _ = try task["meta"]["big"].double }
                == "'meta.big' is 1e400, which is too large for Double (line 2, byte 77)"
        )
    }

    /// A loop that skips the elements without a certain member catches many errors, and shows none of them.
    @Test func errorsThatNobodyReadsCostLittle() throws {
        let count = 10_000
        let text = "[" + Array(repeating: #"{"a":1}"#, count: count).joined(separator: ",") + "]"
        let elements = try JSONReader(text).elements
        var missing = 0
        let time = ContinuousClock().measure {
            for element in elements where (try? element["price"].double) == nil { missing += 1 }
        }
        #expect(missing == count)
        #expect(time < .seconds(20))
    }

    @Test func errorsWithEqualSentencesAreEqual() throws {
        func error(_ text: String, _ name: String) throws -> JSONReaderError? {
            let reader = try JSONReader(text)
            return #expect(throws: JSONReaderError.self) { try reader["a"][name].string }
        }
        let first = try error(#"{"a":{}}"#, "b")
        let same = try error(#"{"a":{"c":1}}"#, "b")
        #expect(first == same && first?.hashValue == same?.hashValue)
        #expect(first?.path == "a.b" && first?.problem == "is missing")
        #expect(first?.offset == 5 && first?.line == 1 && first?.column == 5)
        #expect(try first != error(#"{"a":{}}"#, "c"))
        #expect(try first != error(#"{"a": {}}"#, "b"))
        #expect(try first != error(#"{"a":null}"#, "b"))
    }

    @Test func halfASurrogatePairIsNoString() throws {
        let reader = try JSONReader(#"["\ud800"]"#)
        #expect(
            sentence { _ = try reader[0].string }
                == "'[0]' holds half a surrogate pair, which is not a character (byte 1)"
        )
    }

    @Test(arguments: [
        ("7", 7), ("-0", 0), ("1.0", 1), ("1e2", 100), ("120e-1", 12), ("0e999999999999999999999", 0),
        ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("1.5e1", 15), ("-25.00e0", -25),
    ])
    func integersAreExact(text: String, number: Int) throws {
        #expect(try JSONReader(text).integer() == number)
    }

    @Test(arguments: [
        ("9223372036854775808", "outside of Int"), ("-9223372036854775809", "outside of Int"),
        ("1e19", "outside of Int"), ("1e999999999999999999999", "outside of Int"), ("1.5", "not an integer"),
        ("1e-1", "not an integer"), ("12e-999999999999999999999", "not an integer"),
    ])
    func numbersThatAreNoIntegersOfTheTypeAreRefused(text: String, reason: String) throws {
        let reader = try JSONReader(text)
        #expect(sentence { _ = try reader.integer() }.contains(reason))
    }

    @Test func rangeOfAnIntegerTypeIsKept() throws {
        #expect(try JSONReader("255").integer(as: UInt8.self) == 255)
        #expect(try JSONReader("18446744073709551615").integer(as: UInt64.self) == .max)
        #expect(
            sentence { _ = try JSONReader("[256]")[0].integer(as: UInt8.self) }
                == "'[0]' is 256, which is outside of UInt8 (0 to 255) (byte 1)"
        )
        #expect(sentence { _ = try JSONReader("-1").integer(as: UInt8.self) }.contains("outside of UInt8"))
    }

    @Test(arguments: [
        ("", "the JSON text is not valid: the text ends where a value should be (byte 0)"),
        ("{\n\"a\" 1}", "the JSON text is not valid: expected ':' after a name (line 2, byte 4)"),
        ("[1] 2", "the JSON text is not valid: unexpected text after the value (byte 4)"),
        (
            String(repeating: "[", count: 513) + String(repeating: "]", count: 513),
            "the JSON text is not valid: nested deeper than 512 (byte 512)"
        ),
    ])
    func unusableTextsAreRefusedAsAWhole(text: String, message: String) {
        #expect(sentence { _ = try JSONReader(text) } == message)
    }

    @Test func taskThatATestCreatesIsReadLikeAnyTask() throws {
        let task = try WorkerTask(#"{"url":"u"}"#, response: #"{"status":200}"#, attempt: 2)
        #expect(try task.json["url"].string == "u")
        #expect(try task.response?["status"].integer() == 200)
        #expect(sentence { _ = try task.response?["body"].string } == "'body' is missing (byte 0)")
        #expect(task.attempt == 2)
        #expect(try WorkerTask("{}").response?.kind == nil)
        for text in ["{", "[1]", "null"] {
            #expect(throws: JSONReaderError.self) { try WorkerTask(text) }
            #expect(throws: JSONReaderError.self) { try WorkerTask("{}", response: text) }
        }
    }

    @Test func namesAreComparedByTheirCodePoints() throws {
        let reader = try JSONReader(#"{"\u00e9":1,"e\u0301":2}"#)
        #expect(try reader["\u{e9}"].integer() == 1)
        #expect(try reader["e\u{301}"].integer() == 2)
        #expect(throws: JSONReaderError.self) { try JSONReader(#"{"e\u0301":2}"#)["\u{e9}"].integer() }
    }
}
