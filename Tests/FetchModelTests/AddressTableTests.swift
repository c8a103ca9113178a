// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchModel

/// Tests of `AddressTable`.
///
/// Most of them compare `AddressTable.iana` with the entries of the IANA registries and of RFCs.
struct AddressTableTests {
    /// A block of addresses from an IANA registry, or from an RFC if no registry has the block.
    struct Entry: Sendable, CustomTestStringConvertible {
        let block: StaticString
        /// The value in the registry's column "Globally Reachable", without footnotes; for a block that no
        /// registry has, a remark.
        let reachable: String

        init(_ block: StaticString, _ reachable: String) {
            (self.block, self.reachable) = (block, reachable)
        }

        var testDescription: String { "\(block) \(reachable)" }
    }

    /// All entries of the IANA IPv4 Special-Purpose Address Registry (RFC 6890), and 224.0.0.0/4 (RFC 5771).
    private static let ipv4 = [
        Entry("0.0.0.0/8", "False"), Entry("0.0.0.0/32", "False"), Entry("10.0.0.0/8", "False"),
        Entry("100.64.0.0/10", "False"), Entry("127.0.0.0/8", "False"), Entry("169.254.0.0/16", "False"),
        Entry("172.16.0.0/12", "False"), Entry("192.0.0.0/24", "False"), Entry("192.0.0.0/29", "False"),
        Entry("192.0.0.8/32", "False"), Entry("192.0.0.9/32", "True"), Entry("192.0.0.10/32", "True"),
        Entry("192.0.0.170/32", "False"), Entry("192.0.0.171/32", "False"), Entry("192.0.2.0/24", "False"),
        Entry("192.31.196.0/24", "True"), Entry("192.52.193.0/24", "True"), Entry("192.88.99.0/24", "N/A"),
        Entry("192.88.99.2/32", "False"), Entry("192.168.0.0/16", "False"), Entry("192.175.48.0/24", "True"),
        Entry("198.18.0.0/15", "False"), Entry("198.51.100.0/24", "False"), Entry("203.0.113.0/24", "False"),
        Entry("240.0.0.0/4", "False"), Entry("255.255.255.255/32", "False"),
        Entry("224.0.0.0/4", "multicast"),
    ]

    /// The entries of the IANA IPv6 Special-Purpose Address Registry (RFC 6890).
    ///
    /// The list omits ::ffff:0:0/96, 64:ff9b::/96 and 2002::/16. In these blocks, the embedded IPv4 address
    /// decides whether an address is public. The list adds ::/96 (RFC 4291 §2.5.5.1), fec0::/10 (RFC 3879)
    /// and ff00::/8 (RFC 4291 §2.7).
    private static let ipv6 = [
        Entry("::1/128", "False"), Entry("::/128", "False"), Entry("64:ff9b:1::/48", "False"),
        Entry("100::/64", "False"), Entry("100:0:0:1::/64", "False"), Entry("2001::/23", "False"),
        Entry("2001::/32", "N/A"), Entry("2001:1::1/128", "True"), Entry("2001:1::2/128", "True"),
        Entry("2001:1::3/128", "True"), Entry("2001:2::/48", "False"), Entry("2001:3::/32", "True"),
        Entry("2001:4:112::/48", "True"), Entry("2001:10::/28", "N/A"), Entry("2001:20::/28", "True"),
        Entry("2001:30::/28", "True"), Entry("2001:db8::/32", "False"), Entry("2620:4f:8000::/48", "True"),
        Entry("3fff::/20", "False"), Entry("5f00::/16", "False"), Entry("fc00::/7", "False"),
        Entry("fe80::/10", "False"), Entry("ff00::/8", "multicast"), Entry("::/96", "deprecated"),
        Entry("fec0::/10", "deprecated"),
    ]

    private static func address(_ text: String) throws -> IPAddress {
        let bytes = Array(text.utf8)
        let address = IPAddress(reading: bytes.span)
        return try #require(address)
    }

    @Test(arguments: ipv4 + ipv6)
    func theFirstAndLastAddressOfAnEntryArePublicIfAndOnlyIfTheRegistrySaysTrue(_ entry: Entry) {
        let block = AddressBlock(entry.block, "", "")
        for address in [block.start, block.last] {
            #expect(
                (AddressTable.iana.blockOfPrivate(address) == nil) == (entry.reachable == "True"),
                "\(address)"
            )
        }
        #expect(
            AddressTable.iana.blocks.contains { $0.start == block.start && $0.length == block.length }
                || entry.reachable == "True"
        )
    }

    @Test func eachBlockOfTheTableIsAListedEntry() {
        let known = Set((Self.ipv4 + Self.ipv6).map(\.block.description))
        for block in AddressTable.iana.blocks { #expect(known.contains("\(block)"), "\(block)") }
    }

    @Test(arguments: [
        "8.8.8.8", "1.0.0.0", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
        "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "203.0.112.255", "203.0.114.0", "223.255.255.255", "2000::", "2001:200::", "2001:db7:ffff::",
        "2001:db9::", "2003::", "2606:4700::1111", "3ffe::", "3fff:1000::", "::1:0:0:0",
    ])
    func anAddressOutsideTheEntriesIsPublic(_ text: String) throws {
        let address = try Self.address(text)
        #expect(AddressTable.iana.blockOfPrivate(address) == nil)
        #expect("\(address)" == text)
    }

    @Test(arguments: ["::ffff:", "64:ff9b::"])
    func anEmbeddedIPv4AddressDecidesWhetherAnAddressIsPublic(_ prefix: String) throws {
        for (inner, block) in [
            ("127.0.0.1", "127.0.0.0/8"), ("169.254.169.254", "169.254.0.0/16"), ("8.8.8.8", nil),
        ] {
            let address = try Self.address(prefix + inner)
            #expect(AddressTable.iana.blockOfPrivate(address)?.description == block, "\(address)")
        }
    }

    @Test(arguments: [
        ("2002:7f00:1::", "127.0.0.0/8"), ("2002:a9fe:a9fe::1", "169.254.0.0/16"),
        ("2002:a00:1:2:3:4:5:6", "10.0.0.0/8"),
        ("2002:808:808::1", nil),
    ])
    func a6to4AddressIsPublicIfItsIPv4AddressIsPublic(_ text: String, _ block: String?) throws {
        let address = try Self.address(text)
        #expect(AddressTable.iana.blockOfPrivate(address)?.description == block)
    }

    @Test func theMostSpecificBlockDecides() throws {
        let table = AddressTable([
            AddressBlock("0.0.0.0/0", "all", ""), AddressBlock("1.2.0.0/16", "ours", "", isPublic: true),
            AddressBlock("1.2.3.4/32", "one", ""),
        ])
        let names = [0x0102_0304, 0x0102_0305, 0x0103_0000].map { table.blockOfPrivate(.v4($0))?.name }
        #expect(names == ["one", nil, "all"])
        #expect(table.blockOfPrivate(.v6(1)) == nil)
    }
}

extension AddressBlock {
    /// The last address of the block.
    fileprivate var last: IPAddress {
        switch start {
        case .v4(let value): .v4(value | UInt32.max >> UInt32(length))
        case .v6(let value): .v6(value | UInt128.max >> UInt128(length))
        }
    }
}
