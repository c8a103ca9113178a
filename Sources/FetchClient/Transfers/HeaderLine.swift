// SPDX-License-Identifier: MIT
// fetchpool

extension String {
    /// Decodes a field's bytes as UTF-8, or as Latin-1 if they are not valid UTF-8.
    ///
    /// Older servers send Latin-1 (RFC 9110 §5.5).
    init(ofField bytes: [UInt8]) {
        // `String(validating:as:)` is not specialised for arrays, and looks up metadata in each call.
        if let text = try? UTF8Span(validating: bytes.span) {
            self.init(copying: text)
        } else {
            self = ""
            for byte in bytes { unicodeScalars.append(Unicode.Scalar(byte)) }
        }
    }
}

extension Span<UInt8> {
    /// True if a status line begins with `HTTP/`, in capital letters as RFC 9112 §2.3 requires.
    var hasUsualVersion: Bool {
        count > 4 && self[0] == UInt8(ascii: "H") && self[1] == UInt8(ascii: "T")
            && self[2] == UInt8(ascii: "T") && self[3] == UInt8(ascii: "P") && self[4] == UInt8(ascii: "/")
    }

    /// The status in the three bytes after the first spaces of a status line; 0 if there are no such bytes.
    ///
    /// If the bytes are not digits, the value is some number without a meaning.
    var statusAfterVersion: Int {
        guard let blank = indices.first(where: { self[$0] == 0x20 }),
            let start = (blank..<count).first(where: { self[$0] != 0x20 }), start + 2 < count
        else {
            return 0
        }
        return (start...start + 2).reduce(0) { $0 * 10 + Int(self[$1]) - 0x30 }
    }

    /// Returns the index of the colon if a header line has the field name `name`, in any letter case;
    /// otherwise `nil`.
    ///
    /// Some servers write blanks between the name and the colon. Browsers ignore these blanks.
    func colon(after name: StaticString) -> Int? {
        let length = name.utf8CodeUnitCount
        guard count > length else { return nil }
        var colon = length
        while self[colon] != UInt8(ascii: ":") {
            guard self[colon] == 0x20 || self[colon] == 0x09, colon + 1 < count else { return nil }
            colon += 1
        }
        // The buffer of a static string covers exactly its own bytes.
        let hasName = name.withUTF8Buffer { bytes in
            for index in 0..<length where unsafe self[index] | 0x20 != bytes[index] | 0x20 { return false }
            return true
        }
        return hasName ? colon : nil
    }

    /// Returns the end of the field name before a colon; blanks between the name and the colon do not count.
    func nameEnd(before colon: Int) -> Int {
        var end = colon
        while end > 0, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return end
    }

    /// Returns the range of the value after the colon, without surrounding blanks and without the line break.
    func fieldValue(after colon: Int) -> Range<Int> {
        var (start, end) = (colon + 1, count)
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] == 0x20 || 0x09...0x0D ~= self[end - 1] { end -= 1 }
        return start..<end
    }
}
