// SPDX-License-Identifier: MIT
// fetchpool

extension Reply {
    /// True if a response with this status may have a body (RFC 9110, 6.4.1).
    var statusHasBody: Bool { status >= 200 && status != 204 && status != 304 }

    /// Returns true if the body is sent in chunks.
    ///
    /// This requires a body of unknown length, a client that can read chunks, and a head whose status allows
    /// a body.
    func isChunked(for request: Request) -> Bool {
        guard case .stream(nil, _) = body else { return false }
        return hasHead && request.isVersion11 && statusHasBody
    }

    /// Appends the status line and the header, including the empty line, to `output`.
    func appendHead(to output: inout [UInt8], for request: Request, closes: Bool) {
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        output.append(contentsOf: String(status).utf8)
        output.append(0x20)
        output.append(contentsOf: Self.phrase(status).utf8)
        output.append(contentsOf: "\r\n".utf8)
        for field in fields { Self.append(field.name, field.value, to: &output) }
        if statusHasBody {
            if isChunked(for: request) {
                Self.append("Transfer-Encoding", "chunked", to: &output)
            } else if let length = declaredLength ?? bodyLength {
                Self.append("Content-Length", String(length), to: &output)
            }
        }
        if closes {
            Self.append("Connection", "close", to: &output)
        } else if !request.isVersion11 {
            Self.append("Connection", "keep-alive", to: &output)
        }
        output.append(contentsOf: "\r\n".utf8)
    }

    /// The true length of the body, in bytes; `nil` if it is not known in advance.
    var bodyLength: Int? {
        switch body {
        case .whole(let bytes): bytes.count
        case .stream(let length, _): length
        }
    }

    private static func append(_ name: String, _ value: String, to output: inout [UInt8]) {
        output.append(contentsOf: name.utf8)
        output.append(contentsOf: ": ".utf8)
        output.append(contentsOf: value.utf8)
        output.append(contentsOf: "\r\n".utf8)
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 302: "Found"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 413: "Content Too Large"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
