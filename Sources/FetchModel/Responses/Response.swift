// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// A response that a fetch worker passes on to a processing worker.
package struct Response: Hashable, Sendable {
    /// The HTTP status of the final response, after redirects.
    package var status: Int
    /// The final URL, after redirects.
    package var url: String
    /// The header fields in the order in which they were received, with names in lower case.
    package var headers: [HeaderField]
    /// The value of the last `Content-Type` field that is not empty; `nil` if there is no such field.
    ///
    /// For a `data:` URL, the value is the URL's media type.
    package var contentType: String?
    /// The `charset` parameter of `Content-Type`, in lower case; `nil` if there is none.
    package var charset: String?
    /// The size of the body in bytes, after decoding.
    package var bytes: Int
    /// The body, or the place where it is stored.
    package var body: Body

    /// A body, or the place where it is stored.
    package enum Body: Hashable, Sendable {
        /// The body itself, in valid UTF-8.
        ///
        /// The bundled fetch worker uses this form only for bodies of at most
        /// `WireLimits.maxInlineBodyBytes` bytes.
        case inline([UInt8])
        /// A position in a segment (file) of the spool, in bytes; a fetch worker writes this form.
        case segment(SegmentName, offset: Int)
        /// A position in the file at `path`, in bytes; a processing worker reads this form.
        case file(path: String, offset: Int)
    }

    /// Creates a response.
    package init(
        status: Int,
        url: String,
        headers: [HeaderField],
        contentType: String?,
        charset: String?,
        bytes: Int,
        body: Body
    ) {
        self.status = status
        self.url = url
        self.headers = headers
        self.contentType = contentType
        self.charset = charset
        self.bytes = bytes
        self.body = body
    }

    /// Writes the response as a JSON object, the value of the member `response`.
    package func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("status")
        writer.integer(status)
        writer.name("url")
        writer.string(url)
        writer.name("headers")
        writer.beginArray()
        for field in headers {
            writer.beginArray()
            writer.string(field.name)
            writer.string(field.value)
            writer.endArray()
        }
        writer.endArray()
        if let contentType {
            writer.name("content_type")
            writer.string(contentType)
        }
        if let charset {
            writer.name("charset")
            writer.string(charset)
        }
        writer.name("bytes")
        writer.integer(bytes)
        writeBody(into: &writer)
        writer.endObject()
    }

    private func writeBody(into writer: inout JSONWriter) {
        switch body {
        case .inline(let bytes):
            writer.name("body")
            writer.string(bytes.span)
        case .segment(let name, let offset):
            writer.name("body_segment")
            writer.string(name.description)
            writer.name("body_offset")
            writer.integer(offset)
        case .file(let path, let offset):
            writer.name("body_path")
            writer.string(path)
            writer.name("body_offset")
            writer.integer(offset)
        }
    }
}
