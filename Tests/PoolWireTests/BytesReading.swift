// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

// Functions on spans, repeated for arrays, because the macros of Swift Testing do not accept spans.
extension [UInt8] {
    var isUTF8: Bool { UTF8Check.isValid(span) }
    var firstUTF8Fault: Int? { UTF8Check.firstFault(in: span) }
    var text: String { String(decoding: self, as: UTF8.self) }

    var singleLine: [UInt8] { SingleLine.copy(of: span) }

    func text(of value: JSONValue) -> [UInt8]? { span.text(of: value) }
    func integer(of value: JSONValue) -> Int? { span.integer(of: value) }
    func double(of value: JSONValue) -> Double? { span.double(of: value) }
    func member(_ name: StaticString, of value: JSONValue) throws -> JSONValue? {
        try span.member(name, of: value)
    }

    func document(_ range: Range<Int>? = nil) throws(JSONSyntaxError) -> JSONValue {
        try JSONScanner.document(in: span, range: range ?? 0..<count)
    }

    /// Returns the bytes of each member's value in an object, or of each element in an array.
    func parts() throws -> [[UInt8]] {
        var result: [[UInt8]] = []
        var scanner = JSONScanner()
        if first == UInt8(ascii: "[") {
            try scanner.enterArray(in: span)
            while let element = try scanner.nextElement(in: span) {
                result.append(Array(self[element.range]))
            }
        } else {
            try scanner.enterObject(in: span)
            while let member = try scanner.nextMember(in: span) {
                result.append(Array(self[member.value.range]))
            }
        }
        try scanner.finish(in: span)
        return result
    }
}
