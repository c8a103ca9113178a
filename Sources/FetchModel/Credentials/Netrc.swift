// SPDX-License-Identifier: MIT
// fetchpool

/// A user name and a password for a host: an entry of a netrc(5) file.
package struct HostLogin: Hashable, Sendable {
    /// The host in lower case; `nil` for all hosts that no earlier entry of the file names.
    package let host: String?
    /// The user name, without a colon.
    package let user: String
    /// The password; empty if the entry has none.
    package let password: String

    /// Creates a login; `host` is changed to lower case.
    package init(host: String?, user: String, password: String) {
        (self.host, self.user, self.password) = (host?.lowercased(), user, password)
    }

    /// The header field that sends the user name and password (RFC 7617 §2).
    package var field: HeaderField {
        HeaderField(name: "Authorization", value: "Basic " + Base64.encode(Array("\(user):\(password)".utf8)))
    }

    /// Returns the login for a host; `nil` if there is none.
    ///
    /// `host` is in lower case. If `isNamed` is true, an entry without a host does not count.
    package static func find(_ host: String, in logins: [HostLogin], isNamed: Bool = false) -> HostLogin? {
        logins.first { $0.host == host || !isNamed && $0.host == nil }
    }
}

/// A file in the format of netrc(5), which may contain words in quotes.
package struct Netrc: Hashable, Sendable {
    /// The entries that have a user name, in the order of the file.
    package private(set) var logins: [HostLogin] = []

    /// The largest size of a file, in bytes.
    package static let maxBytes = 1 << 20

    /// A line that cannot be understood.
    package struct Fault: Error, Hashable, Sendable {
        /// The line's number, from 1.
        package let line: Int
        /// The reason, as the end of an error message; it contains no user name and no password.
        package let reason: String
    }

    private struct Word {
        let text: String
        let line: Int
    }

    private struct Entry {
        let host: String?
        var user: String?
        var password = ""
    }

    /// Reads the text of a file.
    ///
    /// - Throws: `Fault` for a quote that is not closed, a word that is not valid, or a missing value.
    package init(reading text: [UInt8]) throws(Fault) {
        var words = try Self.words(of: text)[...]
        var entry: Entry?
        while let word = words.popFirst() {
            if word.text == "machine" || word.text == "default" {
                add(entry)
                entry = Entry(
                    host: word.text == "default" ? nil : try Self.value(of: word, &words).text
                )
                continue
            }
            guard entry != nil else {
                throw Fault(line: word.line, reason: "expected machine or default before any other word")
            }
            let name = word.text
            switch name {
            case "login":
                let value = try Self.value(of: word, &words)
                guard !value.text.utf8.contains(UInt8(ascii: ":")) else {
                    throw Fault(line: value.line, reason: "a user name cannot hold a colon (RFC 7617)")
                }
                entry?.user = value.text
            case "password": entry?.password = try Self.value(of: word, &words).text
            case "account": _ = try Self.value(of: word, &words)
            default:
                throw Fault(
                    line: word.line,
                    reason: "expected machine, default, login, password, account or macdef"
                )
            }
        }
        add(entry)
    }

    private mutating func add(_ entry: Entry?) {
        guard let entry, let user = entry.user else { return }
        logins.append(HostLogin(host: entry.host, user: user, password: entry.password))
    }

    private static func value(of name: Word, _ words: inout ArraySlice<Word>) throws(Fault) -> Word {
        guard let value = words.popFirst() else {
            throw Fault(line: name.line, reason: "the file ends behind '\(name.text)'")
        }
        return value
    }

    /// Returns the words of a file without comments and macros; a macro ends with a blank line.
    private static func words(of text: [UInt8]) throws(Fault) -> [Word] {
        var words: [Word] = []
        var isInMacro = false
        for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            var rest = line.drop(while: isBlank)
            if isInMacro {
                isInMacro = !rest.isEmpty
                continue
            }
            if rest.first == UInt8(ascii: "#") { continue }
            while !rest.isEmpty {
                let bytes = try word(&rest, index + 1)
                if bytes == Array("macdef".utf8) {
                    isInMacro = true
                    break
                }
                guard let text = String(validating: bytes, as: UTF8.self),
                    !bytes.contains(where: { $0 < 0x20 })
                else {
                    throw Fault(
                        line: index + 1,
                        reason: "a word is not valid UTF-8 or holds a control character"
                    )
                }
                words.append(Word(text: text, line: index + 1))
                rest = rest.drop(while: isBlank)
            }
        }
        return words
    }

    private static func word(_ rest: inout ArraySlice<UInt8>, _ line: Int) throws(Fault) -> [UInt8] {
        guard rest.first == UInt8(ascii: "\"") else {
            let word = rest.prefix { !isBlank($0) }
            rest = rest[word.endIndex...]
            return Array(word)
        }
        rest.removeFirst()
        var word: [UInt8] = []
        while var byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return word }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst() else { break }
                byte = escaped
            }
            word.append(byte)
        }
        throw Fault(line: line, reason: "a quote is not closed")
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
