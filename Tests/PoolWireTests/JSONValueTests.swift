// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import SimulationSupport
import Testing

@Suite struct JSONValueTests {
    @Test func theValuesOfAnObjectKeepTheirBytes() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let values = (0..<4).map { _ in Array(RandomJSON.value(depth: 3, using: &random).utf8) }
            var bytes = Array("{ ".utf8)
            for (index, value) in values.enumerated() {
                bytes += (index > 0 ? Array(" ,".utf8) : []) + Array("\"n\" :\t".utf8) + value
            }
            bytes += Array(" }".utf8)
            #expect(try bytes.parts() == values)
        }
    }

    @Test func theElementsOfAnArrayKeepTheirBytes() throws {
        let bytes = Array(#"[ 1.50 , "a\u0041" ,[ ],{ } ]"#.utf8)
        let found = try bytes.parts().map(\.text)
        #expect(found == ["1.50", #""a\u0041""#, "[ ]", "{ }"])
    }

    private static func document(_ text: String) throws -> (bytes: [UInt8], value: JSONValue) {
        let bytes = Array(text.utf8)
        return (bytes, try bytes.document())
    }

    @Test(
        arguments: [
            ("0", 0), ("17", 17), ("9007199254740991", 9_007_199_254_740_991), ("9007199254740992", nil),
            ("-1", nil), ("-0", nil),
            ("1.0", nil), ("1e3", nil), ("99999999999999999999", nil), ("\"1\"", nil), ("true", nil),
            ("null", nil), ("[1]", nil),
        ] as [(String, Int?)]
    )
    func integersAreWholeNumbersBelow2ToThe53rd(text: String, expected: Int?) throws {
        let (bytes, value) = try Self.document(text)
        #expect(bytes.integer(of: value) == expected)
    }

    @Test(
        arguments: [
            ("0", 0), ("-1.5e2", -150), ("0.25", 0.25), ("1e400", nil), ("-1e400", nil), ("1e-400", 0),
            ("\"1\"", nil), ("null", nil),
        ] as [(String, Double?)]
    )
    func doublesAreFiniteNumbers(text: String, expected: Double?) throws {
        let (bytes, value) = try Self.document(text)
        #expect(bytes.double(of: value) == expected)
    }

    @Test(
        arguments: [
            #""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\ud800""#,
            #""a\ude00\ud83d""#,
        ]
    )
    func aStringWithHalfASurrogatePairHasNoText(_ text: String) throws {
        let (bytes, value) = try Self.document(text)
        #expect(bytes.text(of: value) == nil)
    }

    @Test func theLastOfTwoMembersWithTheSameNameCountsEvenIfTheNameIsEscaped() throws {
        let (bytes, value) = try Self.document(#"{"a":1,"\u0061":2,"ab":3,"":4}"#)
        #expect(try bytes.member("a", of: value).flatMap { bytes.integer(of: $0) } == 2)
        #expect(try bytes.member("b", of: value) == nil)
    }
}
