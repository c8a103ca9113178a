// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension URLReader {
    /// Reads path, query and fragment; the fragment is checked like the rest and not written.
    mutating func readPath(_ bytes: Span<UInt8>) throws(URLRefusal) {
        var segmentStart = text.count + 1
        if at < bytes.count, bytes[at] == UInt8(ascii: "/") { at += 1 }
        text.append(UInt8(ascii: "/"))
        while at < bytes.count, bytes[at] != UInt8(ascii: "?"), bytes[at] != UInt8(ascii: "#") {
            guard bytes[at] == UInt8(ascii: "/") else {
                try copyCharacter(bytes)
                continue
            }
            if !dropDotSegment(&segmentStart) {
                text.append(UInt8(ascii: "/"))
                segmentStart = text.count
            }
            at += 1
        }
        _ = dropDotSegment(&segmentStart)
        try readUpToFragment(bytes)
        try skipFragment(bytes)
    }

    /// Reads a `data:` URL behind its colon.
    ///
    /// Its content is checked as far as `DataURL` needs to read it without fail.
    mutating func readData(_ bytes: Span<UInt8>) throws(URLRefusal) {
        text.append(contentsOf: "data:".utf8)
        pathStart = text.count
        hostStart = pathStart
        hostEnd = pathStart
        try readUpToFragment(bytes)
        try skipFragment(bytes)
        try DataURL.check(text.span)
    }

    private mutating func readUpToFragment(_ bytes: Span<UInt8>) throws(URLRefusal) {
        while at < bytes.count, bytes[at] != UInt8(ascii: "#") { try copyCharacter(bytes) }
    }

    private mutating func skipFragment(_ bytes: Span<UInt8>) throws(URLRefusal) {
        let end = text.count
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "#") { at += 1 } else { try copyCharacter(bytes) }
        }
        text.removeLast(text.count - end)
    }

    /// Writes the next character as it is if the grammar has it there, percent-encoded if not.
    private mutating func copyCharacter(_ bytes: Span<UInt8>) throws(URLRefusal) {
        let byte = bytes[at]
        if URLBytes.plain.contains(byte) {
            text.append(byte)
            at += 1
        } else if byte == UInt8(ascii: "%") {
            guard at + 2 < bytes.count, URLBytes.hexValue(bytes[at + 1]) != nil,
                URLBytes.hexValue(bytes[at + 2]) != nil
            else { throw .percentSign(byte: at + 1) }
            for index in at..<(at + 3) { text.append(bytes[index]) }
            at += 3
        } else if URLBytes.encoded.contains(byte) {
            URLBytes.appendPercentEncoded(byte, to: &text)
            at += 1
        } else {
            try checkAllowed(bytes, at: at)
            let end = UTF8Check.endOfScalar(at: at, in: bytes) ?? at + 1
            for index in at..<end { URLBytes.appendPercentEncoded(bytes[index], to: &text) }
            at = end
        }
    }

    /// Takes the last segment away if it is `.`, and the one in front of it too if it is `..` (RFC 3986 §5.2.4); says whether it was either.
    ///
    /// libcurl does the same, newer versions also for dots written as `%2e`: after this, none of them finds anything to do.
    private mutating func dropDotSegment(_ segmentStart: inout Int) -> Bool {
        let dots = dotsOfSegment(from: segmentStart)
        guard dots == 1 || dots == 2 else { return false }
        text.removeLast(text.count - segmentStart)
        guard dots == 2, segmentStart > pathStart + 1 else { return true }
        repeat { text.removeLast() } while text[text.count - 1] != UInt8(ascii: "/")
        segmentStart = text.count
        return true
    }

    /// How many dots the last segment consists of; 0 if there is anything else in it.
    private func dotsOfSegment(from start: Int) -> Int {
        guard text.count > start, text.count - start <= 6 else { return 0 }
        var index = start
        var dots = 0
        while index < text.count {
            if text[index] == UInt8(ascii: ".") {
                index += 1
            } else if text[index] == UInt8(ascii: "%"), text[index + 1] == UInt8(ascii: "2"),
                text[index + 2] | 0x20 == UInt8(ascii: "e")
            {
                index += 3
            } else {
                return 0
            }
            dots += 1
        }
        return dots
    }
}
