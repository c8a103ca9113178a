// SPDX-License-Identifier: MIT
// fetchpool

/// Reads the words of a command line once, from left to right.
struct CommandLineReader<Settings: Sendable> {
    let table: OptionTable<Settings>
    var settings: Settings
    /// The words that are still to be read.
    var words: ArraySlice<String>

    /// Reads all words; stops at the first option that prints a text, such as `--help`.
    mutating func read() throws(UsageError) -> OptionTable<Settings>.Outcome {
        while let word = words.popFirst() {
            var printed: String?
            if word == "--" {
                for operand in words {
                    try takeOperand(operand)
                }
                return .run(settings)
            } else if word == "-" || word.utf8.first != UInt8(ascii: "-") {
                try takeOperand(word)
            } else if word.utf8.starts(with: "--".utf8) {
                printed = try takeLong(word)
            } else {
                printed = try takeShort(word)
            }
            if let printed {
                return .print(printed)
            }
        }
        return .run(settings)
    }

    private mutating func takeOperand(_ word: String) throws(UsageError) {
        guard case .operand(let append) = table.operandRow?.effect else {
            throw UsageError("unexpected argument \(word.quoted); try '\(table.program) --help'")
        }
        append(&settings, word)
    }

    /// Takes `--name` or `--name=value`; returns the text that the option prints, or `nil`.
    private mutating func takeLong(_ word: String) throws(UsageError) -> String? {
        let (name, attached) = word.nameAndValue
        guard let row = table.row(named: name) else { throw unknown(name) }
        return try apply(row, named: name, attached: attached)
    }

    /// Takes a word such as `-q` or `-qw4`; returns the text that an option prints, or `nil`.
    ///
    /// The value of an option extends to the end of the word; `=` between the letter and the value is left
    /// out. If the word ends after the option's letter, the value is the next word.
    private mutating func takeShort(_ word: String) throws(UsageError) -> String? {
        // Without this check, `-output x` would be the option `-o` with the value "utput".
        let long = "-" + word
        guard table.row(named: long.nameAndValue.name) == nil else {
            throw UsageError(
                "unknown option \(word.quoted); did you mean \(long.quoted)? try '\(table.program) --help'"
            )
        }
        var rest = word.unicodeScalars.dropFirst()
        while let letter = rest.popFirst() {
            let name = "-\(letter)"
            guard let row = table.row(named: name) else {
                throw unknown(name, in: word.unicodeScalars.count > 2 ? word : nil)
            }
            var attached: String?
            if rest.first == "=" {
                attached = String(rest.dropFirst())
            } else if row.takesValue, !rest.isEmpty {
                attached = String(rest)
            }
            if let printed = try apply(row, named: name, attached: attached) {
                return printed
            }
            guard attached == nil else { break }
        }
        return nil
    }

    private mutating func apply(
        _ row: OptionRow<Settings>,
        named name: String,
        attached: String?
    ) throws(UsageError) -> String? {
        if case .read(let read) = row.effect {
            let text: String
            if let attached {
                text = attached
            } else {
                text = try nextWord(as: row.placeholder ?? "VALUE", for: name)
            }
            do {
                try read(&settings, text)
            } catch {
                throw UsageError("\(name): \(error)")
            }
            return nil
        }
        guard attached == nil else { throw UsageError("\(name) takes no value") }
        switch row.effect {
        case .set(let set): set(&settings)
        case .print(.help): return table.helpText
        case .print(.version): return "\(table.program) \(table.version)"
        case .read, .operand: break
        }
        return nil
    }

    /// Takes the next word as the value of an option, even a word such as `-4`.
    ///
    /// Throws if there is no word. Also throws for `--` and for the name of an option, even with `=value`,
    /// because the user probably forgot the value.
    private mutating func nextWord(as placeholder: String, for name: String) throws(UsageError) -> String {
        guard let word = words.first else {
            throw UsageError("\(name) needs a value (\(placeholder))")
        }
        guard word != "--", table.row(named: word.nameAndValue.name) == nil else {
            throw UsageError(
                "\(name) needs a value (\(placeholder)) before \(word.quoted); "
                    + "if \(word.quoted) is the value, write \("\(name)=\(word)".quoted)"
            )
        }
        words.removeFirst()
        return word
    }

    private func unknown(_ name: String, in word: String? = nil) -> UsageError {
        var sentence = "unknown option \(name.quoted)"
        if let word {
            sentence += " in \(word.quoted)"
        }
        let long = table.names.filter { $0.hasPrefix("--") }
        if name.hasPrefix("--"), let nearest = NearestName.of(name, among: long) {
            return UsageError("\(sentence); did you mean '\(nearest)'? try '\(table.program) --help'")
        }
        return UsageError("\(sentence); try '\(table.program) --help'")
    }
}

extension OptionRow {
    fileprivate var takesValue: Bool {
        if case .read = effect { true } else { false }
    }
}

extension String {
    /// The parts before and after the first equals sign; `value` is `nil` if there is no such sign.
    ///
    /// The search compares bytes, because an equals sign and a combining mark after it are one `Character`.
    fileprivate var nameAndValue: (name: String, value: String?) {
        guard let sign = utf8.firstIndex(of: UInt8(ascii: "=")) else { return (self, nil) }
        return (String(self[..<sign]), String(self[utf8.index(after: sign)...]))
    }
}
