// SPDX-License-Identifier: MIT
// fetchpool

/// The words of a file in the format of netrc(5).
struct NetrcWords {
    private var lines: ArraySlice<ArraySlice<UInt8>>
    /// The part of the current line that is not read yet.
    private var rest: ArraySlice<UInt8> = []
    /// The number of the current line, from 1; 0 before the first line.
    private(set) var line = 0

    init(_ text: [UInt8]) {
        lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
    }

    /// Returns the next word as a name, such as `login`; `nil` at the end of the file.
    ///
    /// Where a name is expected, a word that begins with `#` begins a comment. A value may begin with this
    /// character, unless the value is the first word of its line.
    mutating func name() throws(Netrc.Fault) -> String? {
        while advance() {
            if rest.first != UInt8(ascii: "#") { return String(decoding: try word(), as: UTF8.self) }
            rest = []
        }
        return nil
    }

    /// Returns the value that follows a name; the value may be on a later line.
    mutating func value(of name: String) throws(Netrc.Fault) -> [UInt8] {
        let line = line
        guard advance() else {
            throw Netrc.Fault(line: line, reason: "the file ends after '\(name)', before its value")
        }
        return try word()
    }

    /// Skips a macro, which ends at a blank line or at the end of the file.
    mutating func skipMacro() {
        rest = []
        while let next = lines.popFirst() {
            line += 1
            if next.allSatisfy(Self.isBlank) { return }
        }
    }

    /// Moves to the next word that is not in a comment line; returns `false` at the end of the file.
    private mutating func advance() -> Bool {
        rest = rest.drop(while: Self.isBlank)
        while rest.isEmpty {
            guard let next = lines.popFirst() else { return false }
            line += 1
            rest = next.drop(while: Self.isBlank)
            if rest.first == UInt8(ascii: "#") { rest = [] }
        }
        return true
    }

    private mutating func word() throws(Netrc.Fault) -> [UInt8] {
        guard rest.first == UInt8(ascii: "\"") else {
            let word = rest.prefix { !Self.isBlank($0) }
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
        throw Netrc.Fault(line: line, reason: "a quote is not closed")
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
