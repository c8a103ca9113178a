// SPDX-License-Identifier: MIT
// fetchpool

/// One header field as it came, without the white space around its value.
struct HeaderField {
    let name: String
    let value: String
}

/// One whole request: the head, and its body as far as it is kept.
struct Request {
    /// A longer body is read and dropped.
    static let keptBodyBytes = 1 << 20

    let method: String
    /// The request target as it came: path and query, or an absolute URL as sent to a proxy.
    let target: String
    /// False for HTTP/1.0.
    let isVersion11: Bool
    /// The lines after the request line, without the empty line.
    let headerBytes: ArraySlice<UInt8>
    var keepsAlive: Bool
    /// What the client calls the server, with the port where it gives one.
    var host = ""
    /// The body, or its first `keptBodyBytes` bytes.
    var body: [UInt8] = []
    /// How long the whole body was.
    var bodyLength = 0
    /// The place of this request on its connection, from 1.
    var ordinal = 1

    /// The path without query, from its first slash; an absolute URL loses scheme and authority.
    var path: Substring {
        var rest = target[...]
        if let scheme = target.utf8.firstIndex(of: UInt8(ascii: ":")), target.hasPrefix("http") {
            let authority = target[scheme...].dropFirst(3)
            rest = authority.firstIndex(of: "/").map { authority[$0...] } ?? "/"
        }
        return rest.utf8.firstIndex(of: UInt8(ascii: "?")).map { rest[..<$0] } ?? rest
    }

    /// Host and port of a target that is a URL; empty for others.
    var targetAuthority: String {
        guard target.hasPrefix("http"), let colon = target.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            return ""
        }
        return String(target[colon...].dropFirst(3).prefix { $0 != "/" && $0 != "?" })
    }

    /// The header fields in their order.
    var fields: [HeaderField] {
        headerBytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return HeaderField(
                name: String(decoding: line[..<colon], as: UTF8.self),
                value: String(decoding: trimmed(line[(colon + 1)...]), as: UTF8.self)
            )
        }
    }
}

/// `line` without spaces, tabs and carriage returns at its ends.
func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line
    while let first = line.first, first == 0x20 || first == 0x09 { line.removeFirst() }
    while let last = line.last, last == 0x20 || last == 0x09 || last == 0x0D { line.removeLast() }
    return line
}
