// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

/// A list of header fields or other lines in libcurl's form (`curl_slist`).
///
/// The list is freed with this object.
///
/// Bounds of the unsafe code: the nodes belong to libcurl, and each is valid until the whole list is freed.
@safe
final class HeaderList {
    /// The first node; `nil` if the list is empty.
    private(set) var first: UnsafeMutablePointer<curl_slist>?
    /// The largest number of bytes that the fields can need in a header of HTTP/2 (`Transfer.hasLongHeader`).
    private(set) var http2Bytes = 0
    /// The last node, kept because libcurl would scan the whole list to find it.
    private var last: UnsafeMutablePointer<curl_slist>?

    /// Creates a list of fields.
    ///
    /// The list keeps libcurl from adding `Expect` and `Content-Type`. With `Expect`, libcurl would wait one
    /// second for servers that do not know the field. libcurl's `Content-Type`, the type of a form, would be
    /// wrong.
    init(_ fields: [HeaderField]) {
        let names = Set(fields.map { $0.name.lowercased() })
        for name in ["Expect", "Content-Type"] where !names.contains(name.lowercased()) { add("\(name):") }
        for field in fields {
            // A semicolon instead of the colon makes libcurl send a field without a value.
            add(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
    }

    /// Creates a list of unchanged lines.
    init(lines: [String]) {
        for line in lines { add(line) }
    }

    deinit { unsafe curl_slist_free_all(first) }

    /// The bytes that nghttp2 adds for each field when it checks the length of a header.
    private static let http2BytesPerField = 12

    private func add(_ line: String) {
        http2Bytes += line.utf8.count + Self.http2BytesPerField
        // libcurl copies the text. If memory runs out, the call returns `nil`, and the list stays unchanged.
        guard let end = unsafe curl_slist_append(last, line) else { return }
        if unsafe first == nil { unsafe first = end }
        unsafe last = end.pointee.next ?? end
    }
}
