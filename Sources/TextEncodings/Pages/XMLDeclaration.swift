// SPDX-License-Identifier: MIT
// fetchpool

/// The XML declaration at the beginning of a page (HTML §13.2.3.2, "get an XML encoding").
enum XMLDeclaration {
    /// Returns the encoding that `MetaAttributes.encoding` returns for the declaration's label; `nil` if
    /// there is no declaration or no known label.
    static func encoding(in head: Span<UInt8>) -> TextEncoding? {
        guard starts(head, with: "<?xml"),
            let end = MarkupBytes.index(of: UInt8(ascii: ">"), in: head, from: 5)
        else {
            return nil
        }
        let declaration = head.extracting(first: end)
        guard var position = index(of: "encoding", in: declaration) else { return nil }
        position += 8
        while position < end, declaration[position] <= 0x20 { position += 1 }
        guard position < end, declaration[position] == UInt8(ascii: "=") else { return nil }
        position += 1
        while position < end, declaration[position] <= 0x20 { position += 1 }
        guard position < end,
            declaration[position] == UInt8(ascii: "\"") || declaration[position] == UInt8(ascii: "'"),
            let close = MarkupBytes.index(of: declaration[position], in: declaration, from: position + 1)
        else { return nil }
        let label = position + 1..<close
        return label.contains { declaration[$0] <= 0x20 }
            ? nil : MetaAttributes.encoding(label, in: declaration)
    }

    // XML distinguishes upper case and lower case.
    private static func index(of word: String, in bytes: Span<UInt8>) -> Int? {
        (0..<bytes.count).first { starts(bytes.extracting($0..<bytes.count), with: word) }
    }

    private static func starts(_ bytes: Span<UInt8>, with word: String) -> Bool {
        word.utf8.count <= bytes.count && word.utf8.enumerated().allSatisfy { bytes[$0.offset] == $0.element }
    }
}

/// The beginning of an XML declaration in UTF-16 without a byte order mark (HTML §13.2.3.2, prescan, step 2).
enum UTF16Declaration {
    /// Returns the UTF-16 encoding in which `head` begins with `<?x`; `nil` if there is none.
    static func encoding(in head: Span<UInt8>) -> TextEncoding? {
        guard head.count >= 6 else { return nil }
        let bytes = (0..<6).map { head[$0] }
        if bytes == [0x3C, 0, 0x3F, 0, 0x78, 0] { return .utf16LE }
        if bytes == [0, 0x3C, 0, 0x3F, 0, 0x78] { return .utf16BE }
        return nil
    }
}
