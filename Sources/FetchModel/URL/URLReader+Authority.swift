// SPDX-License-Identifier: MIT
// fetchpool

extension URLReader {
    /// Reads the two slashes, the host and the port, and writes all up to the path.
    mutating func readAuthority(_ bytes: Span<UInt8>, defaultPort: UInt16) throws(URLRefusal) {
        let scheme = defaultPort == 80 ? "http" : "https"
        guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "/"), bytes[at + 1] == UInt8(ascii: "/") else {
            if at < bytes.count { try checkAllowed(bytes, at: at) }
            throw .missingSlashes(scheme: scheme)
        }
        at += 2
        text.append(contentsOf: scheme.utf8)
        text.append(contentsOf: "://".utf8)
        do throws(URLRefusal) {
            if at < bytes.count, bytes[at] == UInt8(ascii: "[") {
                try readBrackets(bytes)
            } else {
                try readName(bytes)
            }
            try readPort(bytes, defaultPort: defaultPort)
        } catch {
            // Of `name:password@host` the reader trips over the first part, but the message is about the whole.
            throw authorityHoldsUserInfo(bytes, from: scheme.utf8.count + 3) ? .userInfo : error
        }
        pathStart = text.count
    }

    private func authorityHoldsUserInfo(_ bytes: Span<UInt8>, from start: Int) -> Bool {
        for index in start..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "@"): return true
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\\"): return false
            case 0...0x20, 0x7F...: return false
            default: break
            }
        }
        return false
    }

    /// Reads a host name or an IPv4 address, and writes it in lower case.
    private mutating func readName(_ bytes: Span<UInt8>) throws(URLRefusal) {
        hostStart = text.count
        var labelStart = text.count
        reading: while at < bytes.count {
            let byte = bytes[at]
            if URLBytes.host.contains(byte) {
                text.append(URLBytes.lower(byte))
            } else if byte == UInt8(ascii: ".") {
                guard text.count > labelStart else { throw .emptyLabel }
                guard text.count - labelStart <= 63 else { throw .longLabel }
                text.append(byte)
                labelStart = text.count
            } else if byte == UInt8(ascii: ":") || Self.endsAuthority(byte) {
                break reading
            } else {
                throw refusalInHost(bytes)
            }
            at += 1
        }
        hostEnd = text.count
        guard hostEnd > hostStart else { throw .emptyHost }
        guard hostEnd - labelStart <= 63 else { throw .longLabel }
        let nameEnd = hostEnd > labelStart ? hostEnd : hostEnd - 1
        guard nameEnd - hostStart <= 253 else { throw .longHost }
        try checkNumber()
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private func refusalInHost(_ bytes: Span<UInt8>) -> URLRefusal {
        do throws(URLRefusal) { try checkAllowed(bytes, at: at) } catch { return error }
        return switch bytes[at] {
        case UInt8(ascii: "@"): .userInfo
        case UInt8(ascii: "%"): .percentInHost
        case 0x80...: .hostNotASCII
        default: .characterInHost(Character(UnicodeScalar(bytes[at])), byte: at + 1)
        }
    }

    /// Refuses a host whose last label is a number, unless it is an IPv4 address in its plain form.
    ///
    /// Resolvers read `0x7f.1`, `0177.0.0.1` and `2130706433` as addresses too, each in its own way. The rule is the one of the WHATWG URL standard, "ends in a number".
    private func checkNumber() throws(URLRefusal) {
        var end = hostEnd
        if text[end - 1] == UInt8(ascii: ".") { end -= 1 }
        var start = end
        var isDecimal = true
        while start > hostStart, text[start - 1] != UInt8(ascii: ".") {
            start -= 1
            isDecimal = isDecimal && URLBytes.isDigit(text[start])
        }
        if !isDecimal {
            guard end - start >= 2, text[start] == UInt8(ascii: "0"), text[start + 1] == UInt8(ascii: "x")
            else {
                return
            }
            for index in (start + 2)..<end where URLBytes.hexValue(text[index]) == nil { return }
        }
        let host = text.span.extracting(hostStart..<hostEnd)
        guard IPv4Address(reading: host) == nil else { return }
        throw .oddNumber(host: Self.excerpt(host, from: 0, to: host.count, limit: 64))
    }

    /// Reads an IPv6 address in brackets.
    private mutating func readBrackets(_ bytes: Span<UInt8>) throws(URLRefusal) {
        let start = at + 1
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "]"), !Self.endsAuthority(bytes[end]) {
            if bytes[end] == UInt8(ascii: "%") { throw .zone }
            try checkAllowed(bytes, at: end)
            end += 1
        }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "]"),
            let address = IPv6Address(reading: bytes.extracting(start..<end))
        else { throw .badIPv6 }
        text.append(UInt8(ascii: "["))
        hostStart = text.count
        address.write(to: &text)
        hostEnd = text.count
        text.append(UInt8(ascii: "]"))
        at = end + 1
        guard at == bytes.count || bytes[at] == UInt8(ascii: ":") || Self.endsAuthority(bytes[at]) else {
            throw refusalInHost(bytes)
        }
    }

    /// Reads a port, if one follows, and writes it unless it is the default.
    ///
    /// `host:` names the default, too (RFC 3986 §3.2.3).
    private mutating func readPort(_ bytes: Span<UInt8>, defaultPort: UInt16) throws(URLRefusal) {
        port = defaultPort
        guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { return }
        at += 1
        let start = at
        var value = 0
        while at < bytes.count, !Self.endsAuthority(bytes[at]) {
            guard URLBytes.isDigit(bytes[at]) else {
                try checkAllowed(bytes, at: at)
                throw .portNotDigits
            }
            value = min(value * 10 + Int(bytes[at] &- 0x30), 100_000)
            at += 1
        }
        guard at > start else { return }
        guard 1...65_535 ~= value else {
            throw .portOutOfRange(Self.excerpt(bytes, from: start, to: at, limit: 20))
        }
        port = UInt16(value)
        guard port != defaultPort else { return }
        text.append(UInt8(ascii: ":"))
        text.append(contentsOf: String(port).utf8)
    }
}
