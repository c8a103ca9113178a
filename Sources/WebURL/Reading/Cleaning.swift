// SPDX-License-Identifier: MIT
// fetchpool

/// Removes spaces and C0 control characters around a URL, and tabs and line breaks inside the URL.
package enum Cleaning {
    /// Returns the range of the bytes without the spaces and C0 control characters at both ends.
    package static func trimmed(_ bytes: Span<UInt8>) -> Range<Int> {
        var (start, end) = (0, bytes.count)
        while start < end, bytes[start] <= 0x20 { start += 1 }
        while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
        return start..<end
    }

    static func holdsBreaks(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where isBreak(bytes[index]) { return true }
        return false
    }

    static func withoutBreaks(_ bytes: Span<UInt8>) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        for index in bytes.indices where !isBreak(bytes[index]) { kept.append(bytes[index]) }
        return kept
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
