// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport

/// Makes URLs that are nearly valid: they are combined from pieces, and then changed at up to four places.
struct URLSource {
    private var random: SeededGenerator

    init(random: SeededGenerator) { self.random = random }

    private static let fronts = [
        "http://", "https://", "http:", "https:/", "HTTP:\\\\", "//", "/", "\\", "", "data:",
        "data:text/html,",
        "data:;base64,", "ftp://", "mailto:", "\u{0} http://", "ht\ttp://", "?", "#", "../", "./", "http:///",
    ]
    private static let users = ["", "", "", "", "u@", "u:p@", ":@", "u:p:q@r@", "é:%@", "%41:%zz@"]
    private static let hosts = [
        "example.com", "A.B", "a..b", "a.", ".", "1.2.3.4", "127.1", "0x7f.1", "0177.0.0.1", "4294967296",
        "1.2.3.08",
        "[::1]", "[1:2::3]", "[::ffff:1.2.3.4]", "[::1%25eth0]", "[", "%41%2e", "a%00", "xn--bcher-kva",
        "xn--",
        "bücher.example", "faß.de", "例え.テスト", "א.ב", "a\u{200D}b", "क\u{94D}\u{200D}ष", "\u{AD}", "☃", "ａ。ｂ",
        "e\u{301}",
        "é.xn--9ca", "!\"$&'()*+,;=_`{}~", "", "localhost",
    ]
    private static let ports = [
        "", "", "", ":", ":80", ":443", ":0081", ":65535", ":65536", ":0", ":x", ":8 0",
    ]
    private static let paths = [
        "", "/", "/a/b", "/../a", "/a/./b/..", "/%2e%2E/", "/%", "/%4", "\\a\\..", "/a b", "/é", "/.",
        "//..//",
        "?", "?a=b'c", "?\\\"<>", "#", "#a`b", "?é#é", "/|[]^{}", "/a;b=c,d", "/\u{7F}\u{1}", "/...", "/.a",
    ]
    private static let odd: [UInt8] =
        Array(" \\/:@?#[]%.0x19azAZ\t\r\n\0-_~\"<>^`{|}'&$()*+,;=!".utf8) + [0xFF, 0x80, 0xC3, 0xA9, 0x7F]

    /// Returns the next URL or reference.
    mutating func next() -> [UInt8] {
        var bytes: [UInt8] = []
        for pieces in [Self.fronts, Self.users, Self.hosts, Self.ports, Self.paths, Self.paths] {
            bytes += (pieces.randomElement(using: &random) ?? "").utf8
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) { change(&bytes) }
        return bytes
    }

    /// Returns a valid URL for use as a base.
    mutating func page() -> String {
        let host = ["http://a", "https://u:p@b:81", "http://[::1]:8080", "http://xn--9ca"]
        let path = ["", "/", "/b/c", "/b/c/d;p?q", "?x/y", "/b/..;/c?d=/e#f"]
        if Int.random(in: 0..<20, using: &random) == 0 { return "data:text/html,x" }
        return (host.randomElement(using: &random) ?? "") + (path.randomElement(using: &random) ?? "")
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let byte = Self.odd.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<7, using: &random) {
        case 0 where place < bytes.count: bytes[place] = byte
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: bytes[place...].prefix(6), at: place)
        case 3:
            let point = UInt32.random(in: 0x80...0x323AF, using: &random)
            if let scalar = Unicode.Scalar(point) { bytes.insert(contentsOf: String(scalar).utf8, at: place) }
        case 4: bytes.insert(contentsOf: Array("%\(String(byte, radix: 16))".utf8), at: place)
        case 5: bytes.removeSubrange(place..<min(place + 4, bytes.count))
        default: bytes.insert(byte, at: place)
        }
    }
}
