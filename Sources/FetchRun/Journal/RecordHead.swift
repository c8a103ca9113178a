// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// The members of a record that identify its task and tell how the task ended.
struct RecordHead {
    /// The task's id.
    var key: TaskKey
    /// The outcome, the class of the error, and a hash of the URL.
    var entry: JournalEntry
    /// True if the id is a string.
    var hasTextID: Bool

    /// The text with which each record of fetchpool begins.
    static let opening: StaticString = #"{"v":1,"id":"#

    /// Reads one line; `nil` if the line is not a complete record.
    ///
    /// `idsAreTexts` is true for records that hold each id as a string.
    init?(reading line: Span<UInt8>, idsAreTexts: Bool = false) {
        if let usual = Self(readingUsual: line, idsAreTexts) {
            self = usual
        } else {
            self.init(readingAny: line, idsAreTexts)
        }
    }

    /// Returns the URL of a record, for a message; empty if the record has no URL or is not valid JSON.
    static func url(of line: Span<UInt8>) -> String {
        guard let members = try? Members(reading: line), let url = members.url else { return "" }
        return String(decoding: line.array(url.lowerBound + 1..<url.upperBound - 1), as: UTF8.self)
    }

    /// Reads one line, and checks all of its JSON; `nil` if the line is not a complete record.
    init?(readingWhole line: Span<UInt8>, idsAreTexts: Bool = false) {
        self.init(readingAny: line, idsAreTexts)
    }

    /// Reads a record with the outcome `ok` in the form that fetchpool writes; `nil` for any other line.
    ///
    /// Only a part of the JSON is checked.
    ///
    /// A line that an earlier run did not finish can begin like a record, but lacks at least its last closing
    /// brace. The line can still end with the brace of an inner object, or with a brace in a string. So
    /// `endsObject` checks that the line's last brace closes the record.
    private init?(readingUsual line: Span<UInt8>, _ idsAreTexts: Bool) {
        var cursor = Cursor(at: Self.opening.utf8CodeUnitCount)
        guard line.starts(with: Self.opening, at: 0), let id = cursor.value(in: line),
            cursor.skip(#","url":"#, in: line), let url = cursor.string(in: line),
            !cursor.skip(#","method":"#, in: line) || cursor.string(in: line) != nil,
            cursor.skip(#","outcome":"ok""#, in: line), line.endsObject(from: cursor.position)
        else { return nil }
        key = TaskKey(line.extracting(id), isText: idsAreTexts)
        hasTextID = line[id.lowerBound] == UInt8(ascii: "\"")
        entry = JournalEntry(okWith: TextHash.of(string: line.extracting(url)))
    }

    /// Reads a record whose members have any order; other programs may write such records.
    private init?(readingAny line: Span<UInt8>, _ idsAreTexts: Bool) {
        guard let members = try? Members(reading: line), let id = members.id, let outcome = members.outcome
        else { return nil }
        var url: UInt64?
        if let range = members.url { url = TextHash.of(string: line.extracting(range)) }
        key = TaskKey(line.extracting(id), isText: idsAreTexts)
        hasTextID = line[id.lowerBound] == UInt8(ascii: "\"")
        entry = JournalEntry(outcome, members.errorClass, url: url)
    }
}

extension RecordHead {
    /// The members of a record, found in one pass.
    private struct Members {
        var id: Range<Int>?
        var url: Range<Int>?
        var outcome: Outcome?
        var errorClass: ErrorClass?

        init(reading line: Span<UInt8>) throws(JSONSyntaxError) {
            var scanner = JSONScanner()
            try scanner.enterObject(in: line)
            while let member = try scanner.nextMember(in: line) {
                if line.isName(member, "id") {
                    id = Self.isID(member.value, in: line) ? member.value.range : nil
                } else if line.isName(member, "url") {
                    url = member.value.kind == .string ? member.value.range : nil
                } else if line.isName(member, "outcome") {
                    outcome = Self.word(member.value, in: line).flatMap(Outcome.init(rawValue:))
                } else if line.isName(member, "error"), member.value.kind == .object {
                    errorClass = try Self.errorClass(of: member.value, in: line)
                }
            }
            try scanner.finish(in: line)
        }

        private static func isID(_ value: JSONValue, in line: Span<UInt8>) -> Bool {
            guard value.kind == .number else { return value.kind == .string }
            return value.range.allSatisfy { line[$0] &- 0x30 < 10 || line[$0] == UInt8(ascii: "-") }
        }

        private static func word(_ value: JSONValue, in line: Span<UInt8>) -> String? {
            line.text(of: value).map { String(decoding: $0, as: UTF8.self) }
        }

        private static func errorClass(
            of error: JSONValue,
            in line: Span<UInt8>
        ) throws(JSONSyntaxError) -> ErrorClass? {
            var scanner = JSONScanner(at: error.range.lowerBound)
            try scanner.enterObject(in: line)
            while let member = try scanner.nextMember(in: line) {
                guard line.isName(member, "class") else { continue }
                return word(member.value, in: line).flatMap(ErrorClass.init(rawValue:))
            }
            return nil
        }
    }

    /// A position in a line.
    private struct Cursor {
        var position: Int

        init(at position: Int) { self.position = position }

        /// Moves past an integer or a string, and returns its range; `nil` if neither stands here.
        mutating func value(in line: Span<UInt8>) -> Range<Int>? {
            guard position < line.count else { return nil }
            if line[position] == UInt8(ascii: "\"") { return string(in: line) }
            let start = position
            if line[position] == UInt8(ascii: "-") { position += 1 }
            let digits = position
            while position < line.count, line[position] &- 0x30 < 10 { position += 1 }
            return position > digits ? start..<position : nil
        }

        /// Moves past a string, and returns its range; `nil` if no complete string stands here.
        mutating func string(in line: Span<UInt8>) -> Range<Int>? {
            guard position < line.count, line[position] == UInt8(ascii: "\"") else { return nil }
            let start = position
            position += 1
            while position < line.count {
                switch line[position] {
                case UInt8(ascii: "\""):
                    position += 1
                    return start..<position
                case UInt8(ascii: "\\"): position += 2
                default: position += 1
                }
            }
            return nil
        }

        /// Moves past `text`; returns false if another text stands here.
        mutating func skip(_ text: StaticString, in line: Span<UInt8>) -> Bool {
            guard line.starts(with: text, at: position) else { return false }
            position += text.utf8CodeUnitCount
            return true
        }
    }
}
