// SPDX-License-Identifier: MIT
// fetchpool

import Frontier
import PoolWire

extension RunState {
    /// Returns the URL of a task in flight as it is shown to a user; `nil` if the task has ended.
    ///
    /// The URL is cut after 500 bytes. If it then begins with a scheme and `://`, the result has no scheme,
    /// user name and password.
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
        return bytes.map { Self.shown(String(decoding: $0.prefix(500), as: UTF8.self)) }
    }

    private static func shown(_ url: String) -> String {
        // A `data:` URL may have `://` in its content.
        guard let scheme = url.firstRange(of: "://"), !url[..<scheme.lowerBound].contains(":") else {
            return url
        }
        let rest = url[scheme.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        // The last "@" before the path ends the user name and the password.
        let host = rest[..<end].lastIndex(of: "@").map { rest.index(after: $0) } ?? rest.startIndex
        return String(rest[host...])
    }
}
