// SPDX-License-Identifier: MIT
// fetchpool

extension WebURLReader {
    /// Reads user name, password, host and port, and writes the text up to the path.
    mutating func readAuthority(_ bytes: Span<UInt8>) throws(WebURLFault) {
        text.append(contentsOf: scheme == .http ? "http://".utf8 : "https://".utf8)
        var end = at
        var sign: Int?
        while end < bytes.count, !Self.endsAuthority(bytes[end]) {
            if bytes[end] == UInt8(ascii: "@") { sign = end }
            end += 1
        }
        if let sign {
            readUserInfo(bytes.extracting(at..<sign))
            at = sign + 1
        }
        let colon = Self.colon(bytes, at..<end)
        try readHost(bytes.extracting(at..<colon))
        at = colon
        try readPort(bytes, end)
        pathStart = text.count
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
            || byte == UInt8(ascii: "\\")
    }

    /// Returns the index of the first colon outside of brackets, or the end of the range if there is none.
    private static func colon(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var isInBrackets = false
        for index in range {
            switch bytes[index] {
            case UInt8(ascii: "["): isInBrackets = true
            case UInt8(ascii: "]"): isInBrackets = false
            case UInt8(ascii: ":") where !isInBrackets: return index
            default: break
            }
        }
        return range.upperBound
    }

    private mutating func readUserInfo(_ bytes: Span<UInt8>) {
        var info = WebURL.UserInfo()
        var isPassword = false
        for index in bytes.indices {
            if bytes[index] == UInt8(ascii: ":"), !isPassword {
                isPassword = true
            } else if isPassword {
                Self.write(bytes[index], keeping: URLBytes.userInfo, to: &info.password)
            } else {
                Self.write(bytes[index], keeping: URLBytes.userInfo, to: &info.name)
            }
        }
        if !info.name.isEmpty || !info.password.isEmpty { user = info }
    }

    private mutating func readHost(_ bytes: Span<UInt8>) throws(WebURLFault) {
        guard !bytes.isEmpty else { throw .emptyHost }
        guard bytes[0] == UInt8(ascii: "[") else {
            let start = text.count
            try HostReader.write(bytes, to: &text)
            host = start..<text.count
            return
        }
        let last = bytes.count - 1
        for index in bytes.indices where bytes[index] == UInt8(ascii: "%") { throw .zone }
        guard bytes[last] == UInt8(ascii: "]"), let address = IPv6Address(reading: bytes.extracting(1..<last))
        else { throw .badIPv6 }
        text.append(UInt8(ascii: "["))
        let start = text.count
        address.write(inURL: true, to: &text)
        host = start..<text.count
        text.append(UInt8(ascii: "]"))
    }

    /// Reads the port, if there is one, and writes a port that is not the scheme's default.
    private mutating func readPort(_ bytes: Span<UInt8>, _ end: Int) throws(WebURLFault) {
        let own: UInt16 = scheme == .http ? 80 : 443
        port = own
        guard at < end else { return }
        at += 1
        guard at < end else { return }
        var value = 0
        var isTooLarge = false
        while at < end {
            guard URLBytes.isDigit(bytes[at]) else { throw .portNotDigits }
            value = value * 10 + Int(bytes[at] &- 0x30)
            if value > 65_535 { (value, isTooLarge) = (65_536, true) }
            at += 1
        }
        guard !isTooLarge else { throw .portTooLarge }
        port = UInt16(value)
        guard port != own else { return }
        text.append(UInt8(ascii: ":"))
        text.append(contentsOf: String(port).utf8)
    }
}
