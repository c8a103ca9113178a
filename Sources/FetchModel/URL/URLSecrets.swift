// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import WebURL

/// Functions that remove user names and passwords from texts that were meant as URLs, because records and
/// messages must not show passwords.
package enum URLSecrets {
    /// Returns a text without the user names and passwords of its authorities; `nil` if nothing is removed.
    ///
    /// An authority is expected at the start of the text, or after its scheme. An authority is also expected
    /// after each colon with a slash directly behind it. Mail addresses stay.
    static func removed(from text: Span<UInt8>) -> [UInt8]? {
        var isThere = false
        for index in text.indices where text[index] == UInt8(ascii: "@") { isThere = true }
        guard isThere else { return nil }
        var kept: [UInt8] = []
        var copied = 0
        if let secret = secretAtStart(of: text) {
            kept.append(contentsOf: text.array(0..<secret.lowerBound))
            copied = secret.upperBound
        }
        var index = copied
        while index + 2 < text.count {
            index += 1
            guard text[index - 1] == UInt8(ascii: ":"), URLBytes.isSlash(text[index]) else { continue }
            let authority = URLAuthority(in: text, from: index)
            guard authority.hostStart > authority.range.lowerBound else { continue }
            kept.append(contentsOf: text.array(copied..<authority.range.lowerBound))
            (copied, index) = (authority.hostStart, authority.hostStart)
        }
        guard copied > 0 else { return nil }
        return kept + text.array(copied..<text.count)
    }

    private static func secretAtStart(of text: Span<UInt8>) -> Range<Int>? {
        let authority = URLAuthority(in: text)
        guard authority.hostStart > authority.range.lowerBound else { return nil }
        let secret = authority.range.lowerBound..<authority.hostStart
        guard let colon = authority.colon, !authority.hasSlashes else {
            // Without slashes and without a colon in front of `@`, the text is a mail address, which stays.
            return authority.hasSlashes || text.array(secret).contains(UInt8(ascii: ":")) ? secret : nil
        }
        let scheme = String(decoding: text.array(0..<colon).map(URLBytes.lower), as: UTF8.self)
        if scheme == "http" || scheme == "https" { return secret }
        // The name in `name:password@host` looks like a scheme, but is a user name.
        return addressSchemes.contains(scheme) ? nil : 0..<authority.hostStart
    }

    /// The schemes of addresses in which the text before `@` is no secret.
    private static let addressSchemes = ["acct", "im", "mailto", "sip", "sips", "xmpp"]

    /// Returns the beginning of a text, at most `limit` bytes, without user names and passwords.
    package static func excerpt(_ text: Span<UInt8>, limit: Int) -> String {
        if let shown = removed(from: text) {
            return Excerpt.of(shown.span, from: 0, to: shown.count, limit: limit)
        }
        return Excerpt.of(text, from: 0, to: text.count, limit: limit)
    }
}
