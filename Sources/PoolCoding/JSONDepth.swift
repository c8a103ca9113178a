// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The depth to which arrays and objects are nested in a JSON text.
enum JSONDepth {
    /// Returns true if `text`, a JSON value without errors, nests deeper than `CompactJSON.maxDepth`.
    ///
    /// Most texts have no more bytes `[` and `{` than this limit. So the function first counts these bytes,
    /// even in strings, which costs little.
    static func isTooGreat(_ text: Span<UInt8>) -> Bool {
        // Each level takes two bytes.
        guard text.count > 2 * CompactJSON.maxDepth else { return false }
        var openings = 0
        // The bytes of `[` and `{` differ in the bit 0x20 alone.
        for index in 0..<text.count { openings &+= text[index] | 0x20 == UInt8(ascii: "{") ? 1 : 0 }
        return openings > CompactJSON.maxDepth && depth(of: text) > CompactJSON.maxDepth
    }

    private static func depth(of text: Span<UInt8>) -> Int {
        var (depth, deepest) = (0, 0)
        var (isInString, isEscape) = (false, false)
        for index in 0..<text.count {
            let byte = text[index]
            if isInString {
                isInString = isEscape || byte != UInt8(ascii: "\"")
                isEscape = !isEscape && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
        return deepest
    }
}
