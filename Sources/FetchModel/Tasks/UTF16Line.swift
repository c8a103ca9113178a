// SPDX-License-Identifier: MIT
// fetchpool

/// A line of a UTF-16 file, as Windows programs write such files; the file was split at the byte 0x0A.
enum UTF16Line {
    /// A line without characters, or the half of a line feed at the end of the file.
    case blank
    /// A line with characters.
    case text

    /// Recognises a UTF-16 line by its byte order mark, or by zero bytes at every other index; `nil` for any
    /// other line.
    init?(of line: Span<UInt8>) {
        guard line.count > 0 else { return nil }
        if Self.hasMark(line) {
            self = .text
            return
        }
        // In ASCII text, the same byte of each character is zero. The line may begin with the second byte of
        // the line feed before it.
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
            // At least half of the characters must be ASCII, so that mixed text is recognised and a few stray
            // zero bytes are not.
            guard many >= 4, few * 8 <= many, many * 4 >= line.count else { return nil }
            self = .text
        }
    }

    private static func hasMark(_ line: Span<UInt8>) -> Bool {
        guard line.count >= 2 else { return false }
        return line[0] == 0xFF && line[1] == 0xFE || line[0] == 0xFE && line[1] == 0xFF
    }
}
