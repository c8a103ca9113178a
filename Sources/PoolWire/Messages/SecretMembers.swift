// SPDX-License-Identifier: MIT
// fetchpool

/// The members of messages that hold cookies, passwords or fields of requests, which are not shown to people.
package enum SecretMembers {
    /// The names of members that are secret in every message.
    private static let names: [StaticString] = [#""cookies""#, #""logins""#]
    /// The beginnings of messages of a coordinator, in which fields of requests are secret too.
    private static let ownMessages: [StaticString] = [#"{"t":"init""#, #"{"t":"task""#]

    /// Returns the index of the first secret member in a line, which may be torn or damaged; `nil` if there
    /// is none.
    package static func start(in line: Span<UInt8>) -> Int? {
        var names = names
        if ownMessages.contains(where: { line.holds($0, at: 0) }) { names += [#""headers""#, #""body""#] }
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
