// SPDX-License-Identifier: MIT
// fetchpool

/// The secret members of messages: cookies, passwords (also the proxy's), and header fields and bodies of
/// requests.
///
/// If an error text shows a line, the shown part ends before the first secret member.
package enum SecretMembers {
    /// The names of members that are secret in every message.
    private static let names: [StaticString] = [#""cookies""#, #""logins""#, #""proxy""#]
    /// The beginnings of a coordinator's messages in which the members of `ownNames` are secret too.
    private static let ownMessages: [StaticString] = [#"{"t":"init""#, #"{"t":"task""#]
    /// The names of members that are secret only in messages that begin with one of `ownMessages`.
    private static let ownNames: [StaticString] = [#""headers""#, #""body""#, #""body_base64""#]

    /// Returns the index of the first quoted name of a secret member in a line; `nil` if there is none.
    ///
    /// The line can be incomplete or damaged. A string value that equals such a name counts too.
    package static func start(in line: Span<UInt8>) -> Int? {
        var names = names
        if ownMessages.contains(where: { line.holds($0, at: 0) }) { names += ownNames }
        return line.indices.first { index in
            line[index] == UInt8(ascii: "\"") && names.contains { line.holds($0, at: index) }
        }
    }
}

extension Span<UInt8> {
    fileprivate func holds(_ text: StaticString, at start: Int) -> Bool {
        let end = start + text.utf8CodeUnitCount
        return end <= count && holds(text, at: start..<end)
    }
}
