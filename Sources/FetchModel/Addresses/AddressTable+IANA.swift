// SPDX-License-Identifier: MIT
// fetchpool

extension AddressTable {
    /// The table of special-purpose addresses from the IANA registries, with multicast and deprecated
    /// addresses.
    ///
    /// A public block is in the table only if it lies inside another block. The table omits `::ffff:0:0/96`,
    /// `64:ff9b::/96` and `2002::/16`: their addresses embed an IPv4 address, and `blockOfPrivate` checks
    /// that address.
    package static let iana = AddressTable(ipv4 + ipv6)

    /// Entries of <https://www.iana.org/assignments/iana-ipv4-special-registry>, and multicast.
    private static let ipv4 = [
        AddressBlock("0.0.0.0/8", "\"This network\"", "RFC 791 §3.2"),
        AddressBlock("0.0.0.0/32", "\"This host on this network\"", "RFC 1122 §3.2.1.3"),
        AddressBlock("10.0.0.0/8", "Private-Use", "RFC 1918"),
        AddressBlock("100.64.0.0/10", "Shared Address Space", "RFC 6598"),
        AddressBlock("127.0.0.0/8", "Loopback", "RFC 1122 §3.2.1.3"),
        AddressBlock("169.254.0.0/16", "Link Local", "RFC 3927"),
        AddressBlock("172.16.0.0/12", "Private-Use", "RFC 1918"),
        AddressBlock("192.0.0.0/24", "IETF Protocol Assignments", "RFC 6890 §2.1"),
        AddressBlock("192.0.0.0/29", "IPv4 Service Continuity Prefix", "RFC 7335"),
        AddressBlock("192.0.0.8/32", "IPv4 dummy address", "RFC 7600"),
        AddressBlock("192.0.0.9/32", "Port Control Protocol Anycast", "RFC 7723", isPublic: true),
        AddressBlock(
            "192.0.0.10/32",
            "Traversal Using Relays around NAT Anycast",
            "RFC 8155",
            isPublic: true
        ),
        AddressBlock("192.0.0.170/32", "NAT64/DNS64 Discovery", "RFC 8880"),
        AddressBlock("192.0.0.171/32", "NAT64/DNS64 Discovery", "RFC 8880"),
        AddressBlock("192.0.2.0/24", "Documentation (TEST-NET-1)", "RFC 5737"),
        AddressBlock("192.88.99.0/24", "Deprecated (6to4 Relay Anycast)", "RFC 7526"),
        AddressBlock("192.88.99.2/32", "6a44-relay anycast address", "RFC 6751"),
        AddressBlock("192.168.0.0/16", "Private-Use", "RFC 1918"),
        AddressBlock("198.18.0.0/15", "Benchmarking", "RFC 2544"),
        AddressBlock("198.51.100.0/24", "Documentation (TEST-NET-2)", "RFC 5737"),
        AddressBlock("203.0.113.0/24", "Documentation (TEST-NET-3)", "RFC 5737"),
        AddressBlock("224.0.0.0/4", "Multicast", "RFC 5771"),
        AddressBlock("240.0.0.0/4", "Reserved", "RFC 1112 §4"),
        AddressBlock("255.255.255.255/32", "Limited Broadcast", "RFC 8190"),
    ]

    /// Entries of <https://www.iana.org/assignments/iana-ipv6-special-registry>, multicast, and the
    /// deprecated blocks of IPv4-compatible and of site-local addresses.
    private static let ipv6 = [
        AddressBlock("::1/128", "Loopback Address", "RFC 4291"),
        AddressBlock("::/128", "Unspecified Address", "RFC 4291"),
        AddressBlock("::/96", "IPv4-compatible, deprecated", "RFC 4291 §2.5.5.1"),
        AddressBlock("64:ff9b:1::/48", "IPv4-IPv6 Translat.", "RFC 8215"),
        AddressBlock("100::/64", "Discard-Only Address Block", "RFC 6666"),
        AddressBlock("100:0:0:1::/64", "Dummy IPv6 Prefix", "RFC 9780"),
        AddressBlock("2001::/23", "IETF Protocol Assignments", "RFC 2928"),
        AddressBlock("2001::/32", "TEREDO", "RFC 4380"),
        AddressBlock("2001:1::1/128", "Port Control Protocol Anycast", "RFC 7723", isPublic: true),
        AddressBlock(
            "2001:1::2/128",
            "Traversal Using Relays around NAT Anycast",
            "RFC 8155",
            isPublic: true
        ),
        AddressBlock("2001:1::3/128", "DNS-SD SRP Anycast", "RFC 9665", isPublic: true),
        AddressBlock("2001:2::/48", "Benchmarking", "RFC 5180"),
        AddressBlock("2001:3::/32", "AMT", "RFC 7450", isPublic: true),
        AddressBlock("2001:4:112::/48", "AS112-v6", "RFC 7535", isPublic: true),
        AddressBlock("2001:10::/28", "Deprecated (previously ORCHID)", "RFC 4843"),
        AddressBlock("2001:20::/28", "ORCHIDv2", "RFC 7343", isPublic: true),
        AddressBlock(
            "2001:30::/28",
            "Drone Remote ID Protocol Entity Tags (DETs) Prefix",
            "RFC 9374",
            isPublic: true
        ),
        AddressBlock("2001:db8::/32", "Documentation", "RFC 3849"),
        AddressBlock("3fff::/20", "Documentation", "RFC 9637"),
        AddressBlock("5f00::/16", "Segment Routing (SRv6) SIDs", "RFC 9602"),
        AddressBlock("fc00::/7", "Unique-Local", "RFC 4193"),
        AddressBlock("fe80::/10", "Link-Local Unicast", "RFC 4291"),
        AddressBlock("fec0::/10", "Site-local, deprecated", "RFC 3879"),
        AddressBlock("ff00::/8", "Multicast", "RFC 4291 §2.7"),
    ]
}
