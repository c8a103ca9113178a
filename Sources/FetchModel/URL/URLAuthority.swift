// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import WebURL

/// The position of the authority in a text, even if the text is not a valid URL.
struct URLAuthority {
    /// The index of the colon after the scheme; `nil` if no scheme was found or `start` was given.
    let colon: Int?
    /// True if at least one slash or backslash stands in front of the authority.
    let hasSlashes: Bool
    /// The range of user name, password, host and port.
    let range: Range<Int>
    /// The index at which the host begins: after the last `@`, or at the start of the authority.
    let hostStart: Int

    /// Finds the authority after the scheme, or at the beginning of a text without a scheme.
    ///
    /// If `start` is given, finds the authority from `start` on.
    init(in text: Span<UInt8>, from start: Int? = nil) {
        var at = start ?? 0
        colon = start == nil ? Self.colon(of: text) : nil
        if let colon { at = colon + 1 }
        var slashes = 0
        while at < text.count, URLBytes.isSlash(text[at]) || text[at] <= 0x20 {
            if URLBytes.isSlash(text[at]) { slashes += 1 }
            at += 1
        }
        hasSlashes = slashes > 0
        let begin = at
        var hostStart = at
        while at < text.count, !URLBytes.isSlash(text[at]), text[at] != UInt8(ascii: "?"),
            text[at] != UInt8(ascii: "#")
        {
            at += 1
            if text[at - 1] == UInt8(ascii: "@") { hostStart = at }
        }
        range = begin..<at
        self.hostStart = hostStart
    }

    private static func colon(of text: Span<UInt8>) -> Int? {
        guard text.count > 0, URLBytes.isLetter(text[0]) else { return nil }
        for index in text.indices where !URLBytes.scheme.contains(text[index]) {
            if text[index] == UInt8(ascii: ":") { return index }
            guard text[index] < 0x20 else { return nil }
        }
        return nil
    }

    /// Returns the host as it is written, for a message; a host of more than 64 bytes is cut (`Excerpt`).
    func host(in text: Span<UInt8>) -> String {
        Excerpt.of(text, from: hostStart, to: portColon(in: text) ?? range.upperBound, limit: 64)
    }

    /// Returns the port as it is written, for a message; an empty text if there is none.
    ///
    /// A port of more than 20 bytes is cut (`Excerpt`).
    func port(in text: Span<UInt8>) -> String {
        guard let colon = portColon(in: text) else { return "" }
        return Excerpt.of(text, from: colon + 1, to: range.upperBound, limit: 20)
    }

    private func portColon(in text: Span<UInt8>) -> Int? {
        let isAddress = hostStart < range.upperBound && text[hostStart] == UInt8(ascii: "[")
        var index = range.upperBound
        while index > hostStart {
            index -= 1
            if text[index] == UInt8(ascii: ":") { return index }
            if isAddress, text[index] == UInt8(ascii: "]") { return nil }
        }
        return nil
    }
}
