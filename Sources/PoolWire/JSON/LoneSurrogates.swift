// SPDX-License-Identifier: MIT
// fetchpool

/// A function that replaces lone surrogates in JSON.
///
/// A lone surrogate is an escape `\uXXXX` of half a surrogate pair, without the escape of the other half. The
/// grammar of JSON allows lone surrogates (RFC 8259 §8.2), but many readers refuse them.
package enum LoneSurrogates {
    /// Returns a copy of valid JSON with the escape of U+FFFD in place of each lone surrogate; `nil` if the
    /// JSON has no lone surrogate.
    package static func replaced(in json: Span<UInt8>) -> [UInt8]? {
        var copy: [UInt8] = []
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
            copy += json.array(copied..<position)
            copy += Array(#"\ufffd"#.utf8)
            position += 6
            copied = position
        }
        guard copied > 0 else { return nil }
        return copy + json.array(copied..<json.count)
    }

    /// Returns the code unit of the escape `\uXXXX` at `position`; `nil` if no such escape begins there.
    private static func unit(at position: Int, in json: Span<UInt8>) -> UInt32? {
        guard position + 6 <= json.count, json[position] == UInt8(ascii: "\\"),
            json[position + 1] == UInt8(ascii: "u")
        else { return nil }
        return json.hexValue(at: position + 2)
    }
}
