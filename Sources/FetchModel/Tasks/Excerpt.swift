// SPDX-License-Identifier: MIT
// fetchpool

/// Parts of the user's input, in the form in which messages show them.
enum Excerpt {
    /// Returns a part of a text, with `?` for ASCII control characters.
    ///
    /// If the part has more than `limit` bytes, only whole characters within the limit are kept, and `…` is
    /// added.
    static func of(_ bytes: Span<UInt8>, from start: Int, to end: Int, limit: Int) -> String {
        var stop = min(end, start + limit)
        while stop < end, stop > start, bytes[stop] & 0xC0 == 0x80 { stop -= 1 }
        var part: [UInt8] = []
        for index in start..<stop {
            part.append(bytes[index] < 0x20 || bytes[index] == 0x7F ? UInt8(ascii: "?") : bytes[index])
        }
        return String(decoding: part, as: UTF8.self) + (stop < end ? "…" : "")
    }
}
