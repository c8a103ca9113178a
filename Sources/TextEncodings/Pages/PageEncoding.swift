// SPDX-License-Identifier: MIT
// fetchpool

/// The encoding of an HTML page (HTML §13.2.3.2, "encoding sniffing algorithm").
///
/// The first of these sources that names a known encoding decides:
/// 1. a byte order mark;
/// 2. the response header;
/// 3. an XML declaration in UTF-16 at the beginning;
/// 4. a `meta` element that a parser would find, anywhere in the page;
/// 5. the prescan of the first 1,024 bytes, which also finds an XML declaration, and a `meta` element that a
///    parser reads as text.
///
/// In XML, which has no `meta` elements of its own, only sources 1 to 3 and an XML declaration count.
///
/// If no source names a known encoding, a page of valid UTF-8 is read as UTF-8, and any other page as
/// windows-1252.
package struct PageEncoding {
    /// The language of a page, on which the sources of its encoding depend.
    package enum Language {
        case html, xml
        /// Another language: only sources 1 and 2 count.
        case other
    }

    /// The encoding with which the page is decoded.
    package let encoding: TextEncoding
    /// The index of the first byte after the byte order mark; 0 if there is no mark.
    package let start: Int

    /// True if no source named a known encoding and the whole page is valid UTF-8.
    private let isValidUTF8: Bool

    /// The number of bytes that the prescan reads (HTML §13.2.3.2).
    private static let prescanBytes = 1024

    /// Determines the encoding of `page`.
    ///
    /// `label` is the charset in the response header; `nil` if the header has none.
    package init(of page: Span<UInt8>, label: String?, language: Language = .html) {
        if let mark = ByteOrderMark(page) {
            (encoding, start, isValidUTF8) = (mark.encoding, mark.length, false)
            return
        }
        start = 0
        let declared =
            label.flatMap { TextEncoding(label: $0.utf8) } ?? Self.declared(in: page, language)
        isValidUTF8 = declared == nil && UTF8Decoder.firstFault(in: page, from: 0) == page.count
        encoding = declared ?? (isValidUTF8 ? .utf8 : .windows1252)
    }

    /// Returns the text of `page` in valid UTF-8, without the byte order mark.
    ///
    /// `page` must be the page whose encoding was determined. A page without a mark is not copied if its
    /// encoding is UTF-8 and its bytes are valid UTF-8.
    package func decode(_ page: [UInt8]) -> [UInt8] {
        if isValidUTF8 { return page }
        return encoding.decode(start == 0 ? page : Array(page[start...]))
    }

    private static func declared(in page: Span<UInt8>, _ language: Language) -> TextEncoding? {
        guard language != .other else { return nil }
        let head = page.extracting(first: min(page.count, prescanBytes))
        // An XML declaration in UTF-16 comes before `meta` elements, because a parser that reads UTF-16
        // ignores the encoding that a `meta` element names.
        if let encoding = UTF16Declaration.encoding(in: head) { return encoding }
        if language == .xml { return XMLDeclaration.encoding(in: head) }
        return EncodingDeclaration.encoding(in: page) ?? EncodingPrescan.encoding(in: head)
    }
}
