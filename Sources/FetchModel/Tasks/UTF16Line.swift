// SPDX-License-Identifier: MIT
// fetchpool

/// A line of a file that is not UTF-8 but UTF-16, as Windows programs write it, cut at the byte 0x0A.
enum UTF16Line {
    /// A line with nothing in it, or the half character that is left behind the last line feed.
    case blank
    /// A line with something in it.
    case text

    /// Recognizes a line by its byte order mark, or by zero bytes in every other place; `nil` for any other.
    init?(of line: Span<UInt8>) {
        guard line.count > 0 else { return nil }
        if Self.hasMark(line) {
            self = .text
            return
        }
        // ASCII has a zero byte on the same side of each character. Half a character of the line before may stand in front.
        guard line[0] == 0 || line.count > 1 && line[1] == 0 else { return nil }
        var zeros = [0, 0]
        var isBlank = true
        for index in 0..<line.count {
            let byte = line[index]
            if byte == 0 { zeros[index & 1] += 1 }
            isBlank = isBlank && (byte == 0 || byte == 0x0D)
        }
        let (few, many) = (min(zeros[0], zeros[1]), max(zeros[0], zeros[1]))
        if isBlank {
            guard many > 0, line.count <= 3 else { return nil }
            self = .blank
        } else {
            // Half of the characters at least, so that other scripts count too, and a few stray zero bytes do not.
            guard many >= 4, few * 8 <= many, many * 4 >= line.count else { return nil }
            self = .text
        }
    }

    private static func hasMark(_ line: Span<UInt8>) -> Bool {
        guard line.count >= 2 else { return false }
        return line[0] == 0xFF && line[1] == 0xFE || line[0] == 0xFE && line[1] == 0xFF
    }
}
