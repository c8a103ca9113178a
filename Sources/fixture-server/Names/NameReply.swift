// SPDX-License-Identifier: MIT
// fetchpool

/// Makes the name server's response to a query (RFC 1035, section 4).
///
/// Names that begin with `gone` do not exist. Queries for names that begin with `silent` get no response.
/// Any other name has one IPv4 address in 127.0.0.0/8, computed from the name, and no other records.
enum NameReply {
    /// Returns the response to a query; `nil` for a `silent` name, and for bytes that are not a query with
    /// exactly one question.
    static func to(_ query: [UInt8]) -> [UInt8]? {
        // Responses, and queries with no or several questions, are ignored.
        guard query.count > headerSize, query[2] & 0x80 == 0, query[4] == 0, query[5] == 1 else { return nil }
        var end = headerSize
        while end < query.count, query[end] != 0 {
            guard query[end] < 64 else { return nil }
            end += Int(query[end]) + 1
        }
        // The zero byte of the root, the type and the class follow the name.
        guard end + 5 <= query.count else { return nil }
        let name = query[headerSize..<end].map { isUpper($0) ? $0 | 0x20 : $0 }
        if name.dropFirst().starts(with: "silent".utf8) { return nil }
        let isGone = name.dropFirst().starts(with: "gone".utf8)
        let isAddress = query[end + 1] == 0 && query[end + 2] == typeA && !isGone
        var reply = Array(query[..<(end + 5)])
        // The bits mean: a response, authoritative, recursion desired as in the query, recursion available.
        // Code 3 means "no such name".
        reply[2] = 0x84 | query[2] & 0x01
        reply[3] = 0x80 | (isGone ? 3 : 0)
        // The response has no records yet. An OPT record of the query (RFC 6891) is not repeated.
        for index in 6..<headerSize { reply[index] = 0 }
        guard isAddress else { return reply }
        reply[7] = 1
        // The record: a pointer to the name in the question, the type, the class, a time to live of one hour,
        // and the length of the address, 4.
        reply += [0xC0, UInt8(headerSize), 0, typeA, 0, 1, 0, 0, 0x0E, 0x10, 0, 4]
        return reply + address(of: name)
    }

    private static let headerSize = 12
    private static let typeA: UInt8 = 1

    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")) ~= byte }

    /// Returns an address computed from a hash of the name (FNV-1a).
    ///
    /// Different names usually have different addresses. So a client with connections to many names does not
    /// run out of ports: the client can use the same local port once for each address.
    private static func address(of name: [UInt8]) -> [UInt8] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return [127, UInt8(truncatingIfNeeded: hash >> 40), UInt8(truncatingIfNeeded: hash >> 32)]
            + [UInt8(truncatingIfNeeded: 1 + (hash >> 8) % 254)]
    }
}
