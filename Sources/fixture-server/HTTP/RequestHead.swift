// SPDX-License-Identifier: MIT
// fetchpool

/// The head of a request, with the framing of its body (RFC 9112).
struct RequestHead {
    /// The ways in which the end of a body is found.
    enum BodyFraming {
        case length(Int)
        case chunked
    }

    var request: Request
    var framing = BodyFraming.length(0)
    /// True if the client waits for `100 Continue` before it sends the body.
    var expectsContinue = false

    /// Parses a complete head: the request line and the header lines, without the final empty line.
    init(_ bytes: ArraySlice<UInt8>) throws(RequestFault) {
        let lineEnd = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
        let parts = trimmed(bytes[..<lineEnd]).split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("the first line does not have three parts") }
        guard !parts[0].isEmpty, parts[0].allSatisfy({ (0x41...0x5A).contains($0) || $0 == 0x2D }) else {
            throw .malformed("the method is not in capital letters")
        }
        let isVersion11 = parts[2].elementsEqual("HTTP/1.1".utf8)
        guard isVersion11 || parts[2].elementsEqual("HTTP/1.0".utf8) else {
            throw .malformed("the version is neither HTTP/1.1 nor HTTP/1.0")
        }
        guard let first = parts[1].first, first == 0x2F || first == 0x2A || parts[1].starts(with: "http".utf8)
        else {
            throw .malformed("the target is neither a path nor a URL")
        }
        request = Request(
            method: String(decoding: parts[0], as: UTF8.self),
            target: String(decoding: parts[1], as: UTF8.self),
            isVersion11: isVersion11,
            headerBytes: bytes[min(lineEnd + 1, bytes.endIndex)...],
            keepsAlive: isVersion11
        )
        request.host = request.targetAuthority
        for line in request.headerBytes.split(separator: 0x0A) { try read(line) }
    }

    private mutating func read(_ line: ArraySlice<UInt8>) throws(RequestFault) {
        guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex, line[line.startIndex] > 0x20
        else {
            throw .malformed("a header line does not begin with a name and a colon")
        }
        let name = line[..<colon]
        // Only fields with names of these lengths matter; other fields are skipped quickly.
        guard [4, 6, 10, 14, 17].contains(name.count) else { return }
        let value = trimmed(line[(colon + 1)...])
        if Self.same(name, "content-length") {
            guard let length = Int(String(decoding: value, as: UTF8.self)), length >= 0 else {
                throw .malformed("Content-Length is not a valid length")
            }
            if case .length = framing { framing = .length(length) }
        } else if Self.same(name, "transfer-encoding") {
            guard Self.same(value, "chunked") else {
                throw .malformed("the transfer encoding is not chunked")
            }
            framing = .chunked
        } else if Self.same(name, "host") {
            // A target that is a URL takes precedence over `Host` (RFC 9112, 3.2.2).
            if request.host.isEmpty { request.host = String(decoding: value, as: UTF8.self) }
        } else if Self.same(name, "connection") {
            if Self.same(value, "close") { request.keepsAlive = false }
            if Self.same(value, "keep-alive") { request.keepsAlive = true }
        } else if Self.same(name, "expect") {
            expectsContinue = Self.same(value, "100-continue")
        }
    }

    /// Returns true if `bytes` equals `lower`, ignoring bit 0x20 (the case of a letter) of each byte.
    private static func same(_ bytes: ArraySlice<UInt8>, _ lower: String) -> Bool {
        bytes.count == lower.utf8.count && zip(bytes, lower.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}
