// SPDX-License-Identifier: MIT
// fetchpool

/// A file in the format of netrc(5); its words may be in quotes.
///
/// Other programs write words of their own into such files, such as `method interactive` or `protocol https`.
/// Like curl, the reader skips each unknown word of an entry.
package struct Netrc: Hashable, Sendable {
    /// The entries that have a user name, in the order of the file.
    package private(set) var logins: [HostLogin] = []
    /// A fault for each user name or password that cannot be sent, in the order of the file.
    package private(set) var unsendable: [Fault] = []

    /// The largest size of a file, in bytes.
    package static let maxBytes = 1 << 20

    /// A line that cannot be understood, or a value that cannot be sent.
    package struct Fault: Error, Hashable, Sendable {
        /// The line's number, from 1.
        package let line: Int
        /// The reason, as the end of a message; it contains no user name and no password.
        package let reason: String
    }

    private struct Entry {
        /// The host; `nil` for the entry `default`, which applies to any host.
        let host: String?
        var user: String?
        var password = ""
        /// True if the user name or the password cannot be sent.
        var isUnsendable = false
    }

    /// Reads the text of a file.
    ///
    /// - Throws: `Fault` for a quote that is not closed, a word other than `macdef` in front of the first
    ///   entry, or a missing value.
    package init(reading text: [UInt8]) throws(Fault) {
        var words = NetrcWords(text)
        var entry: Entry?
        while let name = try words.name() {
            switch name {
            case "machine":
                add(entry)
                entry = Entry(host: String(decoding: try words.value(of: name), as: UTF8.self))
            case "default":
                add(entry)
                entry = Entry(host: nil)
            case "macdef": words.skipMacro()
            default:
                guard var current = entry else {
                    throw Fault(
                        line: words.line,
                        reason: "expected machine, default or macdef before any other word"
                    )
                }
                try read(name, into: &current, from: &words)
                entry = current
            }
        }
        add(entry)
    }

    private mutating func read(
        _ name: String,
        into entry: inout Entry,
        from words: inout NetrcWords
    ) throws(Fault) {
        guard ["login", "password", "account"].contains(name) else { return }
        let value = try words.value(of: name)
        guard name != "account" else { return }
        let text = String(decoding: value, as: UTF8.self)
        if name == "login" { entry.user = text } else { entry.password = text }
        guard let reason = Self.refusal(of: value, isUser: name == "login") else { return }
        entry.isUnsendable = true
        unsendable.append(Fault(line: words.line, reason: reason))
    }

    /// Returns the reason why a value cannot be sent (RFC 7617 §2); `nil` if it can be sent.
    private static func refusal(of value: [UInt8], isUser: Bool) -> String? {
        if isUser, value.contains(UInt8(ascii: ":")) { return "a user name cannot hold a colon (RFC 7617)" }
        if value.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "the value holds a control character" }
        return String(validating: value, as: UTF8.self) == nil ? "the value is not valid UTF-8" : nil
    }

    private mutating func add(_ entry: Entry?) {
        guard let entry, let user = entry.user else { return }
        // An entry that cannot be sent still hides later entries that apply to its host.
        logins.append(
            entry.isUnsendable
                ? .noLogin(for: entry.host)
                : HostLogin(host: entry.host, user: user, password: entry.password)
        )
    }
}
