// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONRepresentable where Self: BinaryInteger {
    /// The value as a JSON number, exact to the last digit.
    ///
    /// A reader that uses doubles gets the exact number if the magnitude is at most 2^53 (RFC 8259 §6).
    public var json: JSONResult {
        if let number = Int(exactly: self) { return JSONResult { $0.integer(number) } }
        return JSONResult(oneLine: Array(String(self).utf8))
    }
}

extension Int: JSONRepresentable {}
extension Int8: JSONRepresentable {}
extension Int16: JSONRepresentable {}
extension Int32: JSONRepresentable {}
extension Int64: JSONRepresentable {}
extension Int128: JSONRepresentable {}
extension UInt: JSONRepresentable {}
extension UInt8: JSONRepresentable {}
extension UInt16: JSONRepresentable {}
extension UInt32: JSONRepresentable {}
extension UInt64: JSONRepresentable {}
extension UInt128: JSONRepresentable {}

extension Double: JSONRepresentable {
    /// The value as a JSON number that `Double` reads as the same value.
    ///
    /// A value that is not finite fails the task, because JSON has no such number (RFC 8259 §6). Return `nil`
    /// or a string instead.
    public var json: JSONResult { JSONResult(number: self) }
}

extension Float: JSONRepresentable {
    /// The value as a JSON number that `Float` reads as the same value.
    ///
    /// A value that is not finite fails the task, as with `Double`.
    public var json: JSONResult { JSONResult(number: self) }
}

extension JSONResult {
    fileprivate init(number: some BinaryFloatingPoint & CustomStringConvertible) {
        guard number.isFinite else {
            let problem = "is \(number), which JSON cannot express; return nil or a string instead"
            self.init(fault: ResultFault(problem: problem))
            return
        }
        self.init(oneLine: Array(number.description.utf8))
    }
}
