// SPDX-License-Identifier: MIT
// fetchpool

/// Reads a host that is not in brackets (URL Standard §3.5, the host parser).
enum HostReader {
    /// Appends the host in ASCII: a domain in lower case, or an IPv4 address as four decimal numbers.
    static func write(_ bytes: Span<UInt8>, to text: inout [UInt8]) throws(WebURLFault) {
        let start = text.count
        if isPlain(bytes) {
            for index in bytes.indices { text.append(URLBytes.lower(bytes[index])) }
        } else {
            let decoded = URLBytes.percentDecoded(bytes)
            if isASCII(decoded.span) {
                for byte in decoded { text.append(URLBytes.lower(byte)) }
            } else {
                guard decoded.count <= InternationalName.maxBytes else { throw .nameTooLong }
                guard let name = String(validating: decoded, as: UTF8.self) else { throw .hostNotUTF8 }
                try InternationalName.write(name, to: &text)
            }
        }
        guard let address = try address(of: text.span.extracting(start..<text.count)) else { return }
        text.removeLast(text.count - start)
        address.write(to: &text)
    }

    /// Checks a domain; returns its IPv4 address if the last label is a number, and `nil` otherwise.
    private static func address(of domain: Span<UInt8>) throws(WebURLFault) -> IPv4Address? {
        guard !domain.isEmpty else { throw .emptyHost }
        for index in domain.indices {
            let byte = domain[index]
            if byte < 0x20 || URLBytes.forbiddenInDomain.contains(byte) {
                throw .characterInHost(Unicode.Scalar(byte))
            }
        }
        guard IPv4Address.isNumber(endOf: domain) else { return nil }
        guard let address = IPv4Address(numbersOf: domain) else { throw .badIPv4 }
        return address
    }

    private static func isPlain(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where bytes[index] >= 0x80 || bytes[index] == UInt8(ascii: "%") {
            return false
        }
        return true
    }

    private static func isASCII(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where bytes[index] >= 0x80 { return false }
        return true
    }
}
