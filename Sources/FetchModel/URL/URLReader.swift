// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// Reads a URL from left to right in one pass and writes its text as it goes.
///
/// A span cannot be kept, so every step gets the same bytes again.
struct URLReader {
    /// What has been written so far.
    var text: [UInt8] = []
    /// The index of the next byte to read.
    var at = 0
    var port: UInt16 = 0
    var hostStart = 0
    var hostEnd = 0
    var pathStart = 0

    /// A reader for a URL of so many bytes.
    init(expecting count: Int) {
        // One more for the slash of an empty path.
        text.reserveCapacity(count + 1)
    }

    /// Reads the scheme and its colon.
    mutating func readScheme(_ bytes: Span<UInt8>) throws(URLRefusal) -> TargetURL.Scheme {
        guard !bytes.isEmpty else { throw .empty }
        var end = 0
        // The scheme's letters in one number; longer ones than ours fall out of it, so the length counts too.
        var letters: UInt64 = 0
        while end < bytes.count, URLBytes.scheme.contains(bytes[end]) {
            letters = letters << 8 | UInt64(bytes[end] | 0x20)
            end += 1
        }
        guard end > 0, URLBytes.isLetter(bytes[0]), end < bytes.count, bytes[end] == UInt8(ascii: ":") else {
            let refusal = URLAdvice.refusalWithoutScheme(bytes)
            if case .textInFront = refusal, bytes[0] > 0x20 { throw refusal }
            if end < bytes.count { try checkAllowed(bytes, at: end) }
            throw refusal
        }
        at = end + 1
        switch (letters, end) {
        case (0x6874_7470, 4): return .http
        case (0x68_7474_7073, 5): return .https
        case (0x6461_7461, 4): return .data
        default: throw URLAdvice.refusalOfScheme(bytes, end: end)
        }
    }

    /// Throws if a byte may stand nowhere in a URL.
    func checkAllowed(_ bytes: Span<UInt8>, at index: Int) throws(URLRefusal) {
        switch bytes[index] {
        case 0x20: throw .space(byte: index + 1)
        case UInt8(ascii: "\\"): throw .backslash(byte: index + 1)
        case 0..<0x20, 0x7F: throw .control(byte: index + 1)
        case 0x80... where UTF8Check.endOfScalar(at: index, in: bytes) == nil:
            throw .notUTF8(byte: index + 1)
        default: break
        }
    }

    /// A part of the line for a message: without control characters, and not longer than a limit in bytes.
    static func excerpt(_ bytes: Span<UInt8>, from start: Int, to end: Int, limit: Int) -> String {
        var stop = min(end, start + limit)
        while stop < end, stop > start, bytes[stop] & 0xC0 == 0x80 { stop -= 1 }
        var part: [UInt8] = []
        for index in start..<stop {
            part.append(bytes[index] < 0x20 || bytes[index] == 0x7F ? UInt8(ascii: "?") : bytes[index])
        }
        return String(decoding: part, as: UTF8.self) + (stop < end ? "…" : "")
    }
}
