// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// Reads a text as a URL.
///
/// - Throws: `URLRefusal` if the text is not a valid URL.
func targetURL(_ text: String) throws(URLRefusal) -> TargetURL {
    try TargetURL(reading: Array(text.utf8).span)
}

/// Returns the reason why a text is refused; `nil` if the text is accepted.
func refusal(of bytes: [UInt8]) -> URLRefusal? {
    do throws(URLRefusal) {
        _ = try TargetURL(reading: bytes.span)
        return nil
    } catch { return error }
}

/// Resolves a link against the URL of a page; returns `nil` unless the result is a valid http or
/// https URL.
///
/// - Throws: `URLRefusal` if `page` is no valid URL.
func resolved(_ link: String, against page: String) throws -> String? {
    try URLReference.resolve(Array(link.utf8).span, against: targetURL(page))?.description
}

/// Returns the text of a URL with the escapes of a JSON string, without quotes; empty for `nil`.
func inJSON(_ url: TargetURL?) -> [UInt8] {
    (url?.text ?? []).flatMap { "\"\\".utf8.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
}

/// A random number generator that repeats its numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Returns a text after one to four changes: bytes are replaced, removed, repeated or inserted.
    mutating func mutated(_ text: String) -> [UInt8] {
        let odd = Array(" \\/:@?#[]%.0x1\t\r\n\0-_~\"<>^`{|}éa25eE".utf8) + [0xFF, 0x80, 0x7F]
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = Int.random(in: 0...bytes.count, using: &self)
            let byte = odd.randomElement(using: &self) ?? 0
            switch Int.random(in: 0..<4, using: &self) {
            case 0 where place < bytes.count: bytes[place] = byte
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count: bytes.insert(contentsOf: bytes[place...].prefix(5), at: place)
            default: bytes.insert(byte, at: place)
            }
        }
        return bytes
    }
}

/// Valid and invalid URLs; different parsers read many of them differently.
let oddURLs = [
    "http://example.com", "HTTP://EXAMPLE.com:80/", "https://example.com:443?x", "http://a:8080#f",
    "http://a:/",
    "http://a:00080/x", "http://a:65535/", "http://a:65536/", "http://a:0/", "http://a:+80/", "http://a:8x/",
    "http://example.com./", "http://example.com../", "http://.a/", "http://a..b/",
    "http://_dmarc.example.com/",
    "http://user@a/", "http://user:pw@a/", "http://a:b@c:80@d/", "http://a@b@c/", "http://a#@b/",
    "http://a?@b/",
    "http://a/@b", "http://a\\@b/", "http://a\\b/", "http:\\\\a/", "http://a\tb/", "http://a/\tb",
    "http://a b/",
    "http://a%2fb/", "http://%61/", "http://a%00/", "http://a/%", "http://a/%zz", "http://a/%41", "http:/x",
    "http:///x", "http:x", "http:", "http://", "http://?", "http://#", "http://:80/", "//x", "x", "/x", "",
    "http://1.2.3", "http://1.2.3.4", "http://1.2.3.4.", "http://1.2.3.4.5", "http://256.1.1.1",
    "http://01.2.3.4",
    "http://0177.0.0.1", "http://0x7f.1", "http://0x7f000001", "http://0x", "http://a.0x", "http://a.1",
    "http://1.a",
    "http://2130706433", "http://127.1", "http://4294967296", "http://1.2.3.4a", "http://0x7g.com",
    "http://0xg",
    "http://[::1]/", "http://[::1]:8080/", "http://[::1", "http://[]", "http://[::1]x",
    "http://[::1%25eth0]/",
    "http://[fe80::1%eth0]/", "http://[::ffff:1.2.3.4]/", "http://[2001:DB8:0:0:1:0:0:1]/",
    "http://[1:2:3:4:5:6:7::]/",
    "http://[1:2:3:4:5:6:7:8:9]/", "http://[v1.x]/", "http://[::1.2.3]/", "http://[:1:2]/", "http://::1/",
    "http://a。b/", "http://a．b/", "http://ａ/", "http://bücher.example/", "http://xn--bcher-kva.example/",
    "http://a/é?é", "http://a/\"<>^`{|}[]?\"<>^`{|}[]", "http://a/../../b/./c/%2e%2E/d", "http://a/.%2e/",
    "http://a//..//b",
    "http://a/b/..;/c", "http://a?/../b", "http://a;b/", "http://a,b/", "http://a!b/", "http://a~b/",
    "http://a'b/",
    "http://localhost:80:80/", "http://[::1]:80:80/", "http://a:80@/", "http://@/", "http://@a/",
    "http://a/\u{7F}",
    "http://a/\0", "ftp://a/", "file:///etc/passwd", "javascript:alert(1)", "httpss://a/", "htt://a/",
    "http+x://a/",
    "data:,x", "https://-a-.example-/", "http://a/?q#f#g", "http://a/#\\",
]
