// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire

/// The attributes of one element, where the parser has them.
///
/// It is lent for one call and cannot be copied, so none outlives the parser's memory.
///
/// Bounds of the unsafe code here: the array holds pairs of name and value and ends in `nil`; names and values are strings that end in
/// a zero byte, and a value may be `nil`.
@safe struct HTMLAttributes: ~Copyable {
    private let pairs: UnsafeMutablePointer<UnsafePointer<UInt8>?>?

    /// Looks at the parser's own array, which must outlive this value.
    init(_ pairs: UnsafeMutablePointer<UnsafePointer<UInt8>?>?) {
        unsafe self.pairs = unsafe pairs
    }

    /// The value of the first attribute called `name`, which is in lower case; `nil` if there is none.
    subscript(_ name: StaticString) -> [UInt8]? {
        var copy: [UInt8]?
        withValue(of: name) { value in copy = value.array(0..<value.count) }
        return copy
    }

    /// Calls `body` with the value of the first attribute called `name`, if there is one; an attribute without a value has an empty one.
    @inline(__always)
    func withValue(of name: StaticString, _ body: (Span<UInt8>) -> Void) {
        guard var pair = unsafe pairs else { return }
        while let found = unsafe pair[0] {
            if unsafe strcmp(UnsafeRawPointer(found).assumingMemoryBound(to: CChar.self), name.text) == 0 {
                let value = unsafe pair[1]
                return body(
                    unsafe UnsafeBufferPointer(start: value, count: value.map { unsafe strlen($0) } ?? 0).span
                )
            }
            unsafe pair += 2
        }
    }
}

extension StaticString {
    /// The text as C reads it; static strings end in a zero byte.
    fileprivate var text: UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
