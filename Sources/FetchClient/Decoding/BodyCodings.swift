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

    /// True if the body comes in chunks (RFC 9112 §7.1).
    private(set) var isChunked = false
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

    /// Adds the codings in the value of a `Transfer-Encoding` field, and notes `chunked`.
    mutating func noteTransfer(_ value: Span<UInt8>) {
        let names = Self.names(value)
        hasTransferField = true
        isChunked = isChunked || names.contains("chunked")
        transfer += names.compactMap { ContentCoding(name: $0) }
    }

    /// Returns the names in a list that is separated by commas, in lower case and without parameters.
    private static func names(_ value: Span<UInt8>) -> [String] {
        var bytes: [UInt8] = []
        for index in value.indices { bytes.append(value[index]) }
        return bytes.split(separator: UInt8(ascii: ",")).compactMap { element in
            let name = element.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 && $0 != 0x09 }
            return name.isEmpty ? nil : String(decoding: name, as: UTF8.self).lowercased()
        }
    }
}
