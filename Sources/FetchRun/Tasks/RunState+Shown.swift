// SPDX-License-Identifier: MIT
// fetchpool

import Frontier
import PoolWire

extension RunState {
    /// Returns the URL of a task in flight, shortened by `shown`.
    ///
    /// The result is `nil` if the task has ended, or if its URL cannot be read.
    func shownURL(of token: Int) -> String? {
        guard items.isTaken(token) else { return nil }
        let bytes = texts.with(items.task(token).text) { object in
            var scanner = JSONScanner()
            guard (try? scanner.enterObject(in: object)) != nil else { return [UInt8]?.none }
            while let member = try? scanner.nextMember(in: object) {
                if object.isName(member, "url") { return object.text(of: member.value) }
            }
            return nil
        }
        return bytes.map(Self.shown)
    }

    /// Returns the first 500 bytes of a URL without its scheme, user name and password.
    ///
    /// An `http` or `https` URL needs no `//` after its scheme (URL Standard). Any other URL without `//`
    /// keeps its scheme, user name and password.
    static func shown(_ url: [UInt8]) -> String {
        func text(from start: Int) -> String { String(decoding: url[start...].prefix(500), as: UTF8.self) }
        guard let colon = url.firstIndex(of: UInt8(ascii: ":")) else { return text(from: 0) }
        let isSlash = { (byte: UInt8) in byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }
        let scheme = String(decoding: url[..<colon], as: UTF8.self).lowercased()
        let isWeb = scheme == "http" || scheme == "https"
        // A `data:` URL can have `@` in its content.
        guard isWeb || url[colon...].starts(with: "://".utf8) else { return text(from: 0) }
        let start = url[colon...].dropFirst().firstIndex { !isSlash($0) } ?? url.endIndex
        let end = url[start...].firstIndex { isSlash($0) || "?#".utf8.contains($0) }
        // The last "@" before the path, the query or the fragment ends the user name and the password.
        let host = url[start..<(end ?? url.endIndex)].lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 }
        return text(from: host ?? start)
    }
}
