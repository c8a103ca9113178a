// SPDX-License-Identifier: MIT
// fetchpool

/// The kind of a line in a UTF-16 file that was split at each byte 0x0A.
enum UTF16Line {
    /// An empty line, with or without a carriage return, or the second byte of the file's last line feed.
    ///
    /// In UTF-16LE, a line feed is 0x0A and then a zero byte. So the last split leaves a zero byte.
    case blank
    /// A line with characters or a byte order mark.
    case text

    /// The advice to a user whose text is in UTF-16.
    static let advice = "the text is UTF-16; convert the file with iconv -f UTF-16 -t UTF-8"

    /// Recognises a UTF-16 line by its byte order mark or its zero bytes; returns `nil` for a line that is
    /// not recognised.
    init?(of line: Span<UInt8>) {
        guard line.count > 0 else { return nil }
        if Self.hasMark(line) {
            self = .text
            return
        }
        // In UTF-16, one byte of each ASCII character is zero: always the first or always the second. The
        // line may begin with the second byte of the previous line feed.
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
            // At least four characters, and at least half of all characters, must be below U+0100: they have
            // zero bytes either at even or at odd indices. At the other indices, at most an eighth as many
            // zero bytes are allowed. So a line with a few stray zero bytes is not recognised.
            guard many >= 4, few * 8 <= many, many * 4 >= line.count else { return nil }
            self = .text
        }
    }

    private static func hasMark(_ line: Span<UInt8>) -> Bool {
        guard line.count >= 2 else { return false }
        return line[0] == 0xFF && line[1] == 0xFE || line[0] == 0xFE && line[1] == 0xFF
    }
}
