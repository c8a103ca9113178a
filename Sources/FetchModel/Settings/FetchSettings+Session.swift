// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension FetchSettings {
    /// Writes the members of `config` for cookies, logins and given addresses; omits empty lists.
    ///
    /// The members `session` and `cookies` are written only if `keepsCookies` is true.
    func writeSession(into writer: inout JSONWriter) {
        if keepsCookies {
            writer.name("session")
            writer.bool(true)
            if !cookies.isEmpty { WireCookies.write(cookies, into: &writer) }
        }
        if !logins.isEmpty {
            writer.name("logins")
            writer.beginArray()
            for login in logins {
                writer.beginArray()
                // An entry for all hosts has an empty text in place of the host.
                for text in [login.host ?? "", login.user, login.password] { writer.string(text) }
                writer.endArray()
            }
            writer.endArray()
        }
        if !givenAddresses.isEmpty {
            writer.name("resolve")
            writer.beginArray()
            for given in givenAddresses { writer.string(given.text) }
            writer.endArray()
        }
    }

    /// Applies a member of `config`; ignores the members of other settings, and list elements that are not
    /// valid.
    ///
    /// - Throws: `JSONSyntaxError` if a list is not valid JSON.
    mutating func applySession(_ member: JSONMember, of line: Span<UInt8>) throws(JSONSyntaxError) {
        if line.isName(member, "session") { keepsCookies = member.value.kind == .true }
        guard member.value.kind == .array else { return }
        if line.isName(member, "cookies") {
            cookies = WireCookies.cookies(in: try line.texts(of: member.value))
        } else if line.isName(member, "resolve") {
            givenAddresses = try line.texts(of: member.value).compactMap { try? GivenAddresses(reading: $0) }
        } else if line.isName(member, "logins") {
            logins = []
            var scanner = JSONScanner(at: member.value.range.lowerBound)
            try scanner.enterArray(in: line)
            while let element = try scanner.nextElement(in: line) {
                guard element.kind == .array else { continue }
                let words = try line.texts(of: element)
                guard words.count == 3 else { continue }
                let host = words[0].isEmpty ? nil : words[0]
                logins.append(HostLogin(host: host, user: words[1], password: words[2]))
            }
        }
    }
}
