// SPDX-License-Identifier: MIT
// fetchpool

import Testing
import WebURL

@Suite struct HostTests {
    @Test(arguments: [
        ("A.b", "a.b"), ("a.b.", "a.b."), (".", "."), ("..a", "..a"), ("%41%2E%62", "a.b"), ("a_b", "a_b"),
        ("-a-", "-a-"), ("xn--", "xn--"), ("XN--A", "xn--a"),
        ("!\"$&'()*+,-.;=_`{}~", "!\"$&'()*+,-.;=_`{}~"),
        (String(repeating: "a", count: 300), String(repeating: "a", count: 300)),
    ])
    func domainsArePercentDecodedAndInLowerCase(text: String, expected: String) {
        #expect(host(text) == expected)
    }

    @Test func forbiddenCharactersInHostsAreRefused() {
        for byte in 0..<0x80 as Range<UInt8> {
            let scalar = Unicode.Scalar(byte)
            let isForbidden = byte < 0x20 || byte == 0x7F || " #/:<>?@[\\]^|%".unicodeScalars.contains(scalar)
            let encoded = "http://a%" + (byte < 16 ? "0" : "") + String(byte, radix: 16) + "b/"
            #expect(fault(encoded) == (isForbidden ? .characterInHost(scalar) : nil), "\(encoded)")
        }
        for text in ["http://a b/", "http://a<b/", "http://a>b/", "http://a^b/", "http://a|b/", "http://a]/"]
        {
            #expect(fault(text) != nil)
        }
    }

    @Test(arguments: [
        ("1.2.3.4", "1.2.3.4"), ("1.2.3.4.", "1.2.3.4"), ("1.2.3", "1.2.0.3"), ("1.2", "1.0.0.2"),
        ("1", "0.0.0.1"), ("4294967295", "255.255.255.255"), ("0xffffffff", "255.255.255.255"),
        ("037777777777", "255.255.255.255"), ("0x7F.1", "127.0.0.1"), ("0177.0.0.01", "127.0.0.1"),
        ("1.16777215", "1.255.255.255"), ("1.2.65535", "1.2.255.255"), ("0x", "0.0.0.0"),
        ("0x.0X.0", "0.0.0.0"), ("00.00.00.00", "0.0.0.0"), ("%31.2.3.4", "1.2.3.4"), ("１.2.3.4", "1.2.3.4"),
        ("000000000000000000000000000000000000000000000000001", "0.0.0.1"),
        ("1.2.3.4a", "1.2.3.4a"), ("1.a", "1.a"), ("0xg", "0xg"), ("1.2.3.4..", "1.2.3.4.."), ("1e", "1e"),
    ])
    func onlyNumericHostsBecomeIPv4Addresses(text: String, expected: String) {
        #expect(host(text) == expected)
    }

    @Test(arguments: [
        "1.2.3.4.5", "256.0.0.1", "1.256.1.1", "1.2.3.256", "1.2.65536", "1.16777216", "4294967296",
        "0x100000000", "99999999999999999999", "08", "1.09", "a.1", "a.0x1", "1..2", ".1", "1.2.3.08", "a.09",
        "0x7f.a.1",
    ])
    func hostsThatEndInANumberButAreNoAddressAreRefused(text: String) {
        #expect(fault("http://\(text)/") == .badIPv4)
    }

    @Test(arguments: [
        ("[::]", "::"), ("[::1]", "::1"), ("[1::]", "1::"), ("[1:2:3:4:5:6:7:8]", "1:2:3:4:5:6:7:8"),
        ("[0001:0:0:0:0:0:0:00A]", "1::a"), ("[1:0:0:2:0:0:0:3]", "1:0:0:2::3"),
        ("[1:0:0:2:3:0:0:4]", "1::2:3:0:0:4"),
        ("[1:0:2:0:3:0:4:0]", "1:0:2:0:3:0:4:0"), ("[1:2:3:4:5:6:7::]", "1:2:3:4:5:6:7:0"),
        ("[::2:3:4:5:6:7:8]", "0:2:3:4:5:6:7:8"), ("[::1.2.3.4]", "::102:304"),
        ("[::ffff:1.2.3.4]", "::ffff:102:304"), ("[1:2:3:4:5:6:1.2.3.4]", "1:2:3:4:5:6:102:304"),
        ("[1::1.2.3.4]", "1::102:304"),
    ])
    func ipv6AddressesAreWrittenInTheirShortestForm(text: String, expected: String) {
        #expect(host(text) == expected)
    }

    @Test(arguments: [
        "[", "[]", "[1]", "[:]", "[::1", "[::1]x", "[:::]", "[1::2::3]", "[1:2:3:4:5:6:7]",
        "[1:2:3:4:5:6:7:8:9]",
        "[1:2:3:4::5:6:7:8]", "[12345::]", "[g::]", "[1:]", "[:1:2:3:4:5:6:7]", "[::1.2.3]", "[::1.2.3.4.5]",
        "[::1.2.3.256]", "[::01.2.3.4]", "[::1.2.3.04]", "[::.1.2.3]", "[::1.2..3]", "[::1.2.3.]",
        "[1:2:3:4:5:6:7:1.2.3.4]", "[::1.2.3.4:5]", "[::-1]", "[ ::1]", "[::1]:80]",
    ])
    func bracketsWithoutAnIPv6AddressAreRefused(text: String) { #expect(host(text) == nil) }

    @Test func zonesAreRefused() {
        #expect(fault("http://[fe80::1%25eth0]/") == .zone)
        #expect(fault("http://[fe80::1%eth0]/") == .zone)
    }
}
