// SPDX-License-Identifier: MIT
// fetchpool

extension WebURLReader {
    /// Reads the segments of a path up to the query or the fragment.
    ///
    /// `text` must end with the slash in front of the first segment.
    mutating func readPath(_ bytes: Span<UInt8>) {
        let kept = URLBytes.path
        var segmentStart = text.count
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") { break }
            at += 1
            if !URLBytes.isSlash(byte) {
                write(byte, keeping: kept)
            } else if !dropDotSegment(&segmentStart) {
                text.append(UInt8(ascii: "/"))
                segmentStart = text.count
            }
        }
        _ = dropDotSegment(&segmentStart)
    }

    /// Reads a query with its question mark, up to the fragment.
    mutating func readQuery(_ bytes: Span<UInt8>, keeping kept: ASCIISet) {
        text.append(UInt8(ascii: "?"))
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "#") {
            write(bytes[at], keeping: kept)
            at += 1
        }
    }

    /// Reads a fragment with its `#`, if one follows.
    mutating func readFragment(_ bytes: Span<UInt8>) {
        guard at < bytes.count else { return }
        var rest: [UInt8] = []
        for index in at + 1..<bytes.count { Self.write(bytes[index], keeping: URLBytes.fragment, to: &rest) }
        fragment = rest
        at = bytes.count
    }

    /// Reads a `data:` URL after its colon: an opaque path, then a query and a fragment if they follow.
    ///
    /// - Throws: `dataWithPath` if the path begins with a slash.
    mutating func readOpaque(_ bytes: Span<UInt8>) throws(WebURLFault) {
        if at < bytes.count, bytes[at] == UInt8(ascii: "/") { throw .dataWithPath }
        text.append(contentsOf: "data:".utf8)
        pathStart = text.count
        host = pathStart..<pathStart
        while at < bytes.count, bytes[at] != UInt8(ascii: "?"), bytes[at] != UInt8(ascii: "#") {
            if bytes[at] == 0x20 { text.append(0x20) } else { write(bytes[at], keeping: URLBytes.opaquePath) }
            at += 1
        }
        // A space at the end of the path would get lost if the URL were written without query and fragment.
        if at < bytes.count, text.last == 0x20 {
            text.removeLast()
            URLBytes.appendPercentEncoded(0x20, to: &text)
        }
        if at < bytes.count, bytes[at] == UInt8(ascii: "?") {
            readQuery(bytes, keeping: URLBytes.opaqueQuery)
        }
        readFragment(bytes)
    }

    private mutating func write(_ byte: UInt8, keeping kept: ASCIISet) {
        Self.write(byte, keeping: kept, to: &text)
    }

    /// Appends a byte, percent-encoded unless `kept` contains the byte.
    static func write(_ byte: UInt8, keeping kept: ASCIISet, to text: inout [UInt8]) {
        if kept.contains(byte) { text.append(byte) } else { URLBytes.appendPercentEncoded(byte, to: &text) }
    }

    /// Removes the last segment if it is `.` or `..`; for `..`, also removes the segment in front, if any.
    ///
    /// Returns false if the last segment is neither `.` nor `..`.
    private mutating func dropDotSegment(_ segmentStart: inout Int) -> Bool {
        let dots = dotsOfSegment(from: segmentStart)
        guard dots == 1 || dots == 2 else { return false }
        text.removeLast(text.count - segmentStart)
        guard dots == 2, segmentStart > pathStart + 1 else { return true }
        repeat { text.removeLast() } while text[text.count - 1] != UInt8(ascii: "/")
        segmentStart = text.count
        return true
    }

    /// Returns the number of dots in the last segment; a dot can be written as `.`, `%2e` or `%2E`.
    ///
    /// Returns 0 if the segment contains anything else, or is longer than `%2e%2e`.
    private func dotsOfSegment(from start: Int) -> Int {
        guard text.count > start, text.count - start <= 6 else { return 0 }
        var index = start
        var dots = 0
        while index < text.count {
            if text[index] == UInt8(ascii: ".") {
                index += 1
            } else if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
                text[index + 1] == UInt8(ascii: "2"), text[index + 2] | 0x20 == UInt8(ascii: "e")
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
