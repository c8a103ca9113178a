// SPDX-License-Identifier: MIT
// fetchpool

/// The codings that the response header names for the body.
///
/// Unknown names are ignored, because many servers send names that are not codings, such as `UTF-8` or
/// `binary`. A body with only such names is passed on as received.
struct BodyCodings {
    /// The largest number of codings of one body.
    ///
    /// With each coding, a few bytes can expand to many more. libcurl 7.88 has the same limit.
    static let most = 5

    /// True if libcurl reads the body in chunks (RFC 9112 §7.1).
    private(set) var isChunked = false
    /// True if a transfer coding resembles `chunked`, and libcurl does not read it as `chunked`.
    ///
    /// Examples are `chunked;x=1` and `"chunked"`.
    private(set) var nearlyNamesChunked = false
    /// True if there was a `Transfer-Encoding` field.
    private(set) var hasTransferField = false
    private var content: [ContentCoding] = []
    private var transfer: [ContentCoding] = []

    /// True if there is any known coding other than `chunked`.
    var areAny: Bool { !content.isEmpty || !transfer.isEmpty }

    /// All codings, in the order in which they were applied.
    var all: [ContentCoding] { content + transfer }

    /// Adds the codings in the value of a `Content-Encoding` field.
    mutating func noteContent(_ value: Span<UInt8>) {
        content += Self.names(value).compactMap { ContentCoding(name: $0) }
    }

    /// Adds the codings in the value of a `Transfer-Encoding` field, and notes `chunked` and names that
    /// resemble it.
    mutating func noteTransfer(_ value: Span<UInt8>) {
        hasTransferField = true
        for element in Self.elements(value) {
            if Self.isChunked(element) {
                isChunked = true
            } else if Self.resemblesChunked(element) {
                nearlyNamesChunked = true
            }
        }
        transfer += Self.names(value).compactMap { ContentCoding(name: $0) }
    }

    /// Returns true if libcurl 7.88 reads an element of a list as `chunked`.
    private static func isChunked(_ element: ArraySlice<UInt8>) -> Bool {
        var name = element.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = name.last, last == 0x20 || 0x09...0x0D ~= last { name.removeLast() }
        return name.elementsEqual(chunked) { $0 | 0x20 == $1 }
    }

    private static func resemblesChunked(_ element: ArraySlice<UInt8>) -> Bool {
        let letters = element.map { $0 | 0x20 }.filter { 0x61...0x7A ~= $0 }
        return letters.indices.contains { letters[$0...].starts(with: chunked) }
    }

    private static let chunked = Array("chunked".utf8)

    /// Returns the elements of a list that is separated by commas.
    private static func elements(_ value: Span<UInt8>) -> [ArraySlice<UInt8>] {
        var bytes: [UInt8] = []
        for index in value.indices { bytes.append(value[index]) }
        return bytes.split(separator: UInt8(ascii: ","))
    }

    /// Returns the names in a list that is separated by commas, in lower case and without parameters.
    private static func names(_ value: Span<UInt8>) -> [String] {
        elements(value).compactMap { element in
            let name = element.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 && $0 != 0x09 }
            return name.isEmpty ? nil : String(decoding: name, as: UTF8.self).lowercased()
        }
    }
}
