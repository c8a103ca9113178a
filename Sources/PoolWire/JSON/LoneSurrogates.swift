// SPDX-License-Identifier: MIT
// fetchpool

/// A function for escapes of half a surrogate pair in JSON; many readers refuse JSON with such an escape.
///
/// The grammar of JSON allows such an escape, but no Unicode text can hold it (RFC 8259 §8.2).
package enum LoneSurrogates {
    /// Returns a copy of valid JSON with the escape of U+FFFD in place of each escape of half a surrogate
    /// pair; `nil` if there is no such escape.
    package static func replaced(in json: Span<UInt8>) -> [UInt8]? {
        var copy: [UInt8]?
        var (position, copied) = (0, 0)
        while position + 1 < json.count {
            guard json[position] == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            guard let unit = unit(at: position, in: json), 0xD800...0xDFFF ~= unit else {
                position += 2
                continue
            }
            if unit < 0xDC00, let low = self.unit(at: position + 6, in: json), 0xDC00...0xDFFF ~= low {
                position += 12
                continue
            }
            var changed = copy ?? []
            changed += json.array(copied..<position)
            changed += Array(#"\ufffd"#.utf8)
            position += 6
            (copy, copied) = (changed, position)
        }
        copy?.append(contentsOf: json.array(copied..<json.count))
        return copy
    }

    /// Returns the code unit of the escape `\uXXXX` at `position`; `nil` if no such escape begins there.
    private static func unit(at position: Int, in json: Span<UInt8>) -> UInt32? {
        guard position + 6 <= json.count, json[position] == UInt8(ascii: "\\"),
            json[position + 1] == UInt8(ascii: "u")
        else { return nil }
        return json.hexValue(at: position + 2)
    }
}
