// SPDX-License-Identifier: MIT
// fetchpool

/// The encoding of an HTML page (HTML §13.2.3.2, "encoding sniffing algorithm").
///
/// It is that of the first of these which names a known one:
/// 1. a byte order mark;
/// 2. the header;
/// 3. the first `meta` element that a parser meets, wherever it is: a browser reads the page anew for it;
/// 4. what the prescan finds in the first 1,024 bytes: a `meta` element that is none for the parser, or an
///    XML declaration.
///
/// Else it is UTF-8 if the bytes are valid UTF-8, and windows-1252 if not.
package struct PageEncoding {
    /// The encoding to decode the page with.
    package let encoding: TextEncoding
    /// The position of the text, which follows a byte order mark.
    package let start: Int
    /// False if nothing names the encoding, and the bytes themselves decided.
    package let isDeclared: Bool

    // Guessing has read all of the page.
    private let isValidUTF8: Bool

    /// The number of bytes that the prescan looks at; the HTML standard's own.
    private static let prescanBytes = 1024

    /// Determines the encoding of `page`; `label` is the charset that the header names.
    package init(of page: Span<UInt8>, label: String?) {
        if let mark = ByteOrderMark(page) {
            (encoding, start, isDeclared, isValidUTF8) = (mark.encoding, mark.length, true, false)
            return
        }
        start = 0
        let declared = label.flatMap { TextEncoding(label: $0.utf8) } ?? Self.declared(in: page)
        isDeclared = declared != nil
        isValidUTF8 = declared == nil && UTF8Decoder.firstFault(in: page, from: 0) == page.count
        encoding = declared ?? (isValidUTF8 ? .utf8 : .windows1252)
    }

    /// Decodes the page, which must be the one whose encoding was determined.
    ///
    /// Returns valid UTF-8 without the byte order mark; a valid page in UTF-8 is not copied.
    package func decode(_ page: [UInt8]) -> [UInt8] {
        if isValidUTF8 { return page }
        return encoding.decode(start == 0 ? page : Array(page[start...]))
    }

    private static func declared(in page: Span<UInt8>) -> TextEncoding? {
        let head = page.extracting(first: min(page.count, prescanBytes))
        // A parser that reads UTF-16 keeps to it.
        if let encoding = UTF16Declaration.encoding(in: head) { return encoding }
        return EncodingDeclaration.encoding(in: page) ?? EncodingPrescan.encoding(in: head)
    }
}
