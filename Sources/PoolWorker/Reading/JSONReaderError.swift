// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The reason why a JSON text, or a value in it, cannot be used.
///
/// The description is a sentence for people, such as `'meta.price' is a string, not a number (byte 31)`.
///
/// The error keeps the text, which it shares with the readers. The path, the line and the column are computed
/// at each access, because many errors are caught and never shown.
public struct JSONReaderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of the problem, with all that the sentence needs.
    enum Cause: Sendable {
        /// The whole text is not valid JSON.
        case invalid(JSONSyntaxError)
        /// A value cannot be used; `problem` is the end of the sentence.
        case unusable(JSONValue, problem: String)
        /// `parent` has no such member or element, or is `null`.
        case missing(JSONReader.Step, parent: JSONValue)
    }

    private let text: [UInt8]
    private let document: Range<Int>
    private let cause: Cause
    /// The place of the value in the text, in bytes from 0.
    ///
    /// For a missing value, this is the place of its parent; for invalid JSON, the place of the error.
    public let offset: Int

    init(_ cause: Cause, in text: [UInt8], document: Range<Int>) {
        (self.text, self.document, self.cause) = (text, document, cause)
        offset =
            switch cause {
            case .invalid(let error): error.offset
            case .unusable(let value, _), .missing(_, let value):
                value.range.lowerBound - document.lowerBound
            }
    }

    /// The path to the value, such as `meta.prices[2]`; empty for the whole text.
    public var path: String {
        switch cause {
        case .invalid: ""
        case .unusable(let value, _): JSONReader.text(reader(of: value).steps)
        case .missing(let step, let parent): JSONReader.text(reader(of: parent).steps + [step])
        }
    }

    /// The problem, as the end of a sentence whose subject is the value.
    ///
    /// For invalid JSON, the subject is the whole text.
    public var problem: String {
        switch cause {
        case .invalid(let error): return "is not valid: \(error.reason)"
        case .unusable(_, let problem): return problem
        case .missing(let step, let parent):
            let reader = reader(of: parent)
            switch (step, parent.kind) {
            case (_, .null):
                let steps = reader.steps
                let subject = steps.isEmpty ? "the JSON text" : "'\(JSONReader.text(steps))'"
                return "is missing: \(subject) is null"
            case (.element, _):
                let count = (try? reader.elements.count) ?? 0
                return "is missing: the array has \(count) \(count == 1 ? "element" : "elements")"
            default: return "is missing"
            }
        }
    }

    /// The line of the place ``offset``, from 1.
    public var line: Int { before.count { $0 == 0x0A } + 1 }

    /// The column of the place ``offset`` in its line, in bytes from 0.
    public var column: Int {
        let before = before
        return before.endIndex - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? before.startIndex)
    }

    /// The text before the place `offset`.
    private var before: ArraySlice<UInt8> { text[document].prefix(offset) }

    private func reader(of value: JSONValue) -> JSONReader {
        JSONReader(text: text, document: document, place: .value(value))
    }

    /// A sentence with the path, the problem and the place.
    public var description: String {
        let (path, line) = (path, line)
        let subject = path.isEmpty ? "the JSON text" : "'\(path)'"
        let place = line > 1 ? "line \(line), byte \(column)" : "byte \(offset)"
        return "\(subject) \(problem) (\(place))"
    }

    /// Returns true if two errors have the same path, problem and place.
    public static func == (left: JSONReaderError, right: JSONReaderError) -> Bool {
        left.offset == right.offset && left.problem == right.problem && left.path == right.path
            && left.line == right.line && left.column == right.column
    }

    /// Adds the path, the problem and the place to `hasher`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(path)
        hasher.combine(problem)
        hasher.combine(offset)
        hasher.combine(line)
        hasher.combine(column)
    }
}

extension JSONReader {
    func missing(_ step: Step, _ parent: JSONValue) -> JSONReaderError {
        JSONReaderError(.missing(step, parent: parent), in: text, document: document)
    }

    func mismatch(_ value: JSONValue, _ expected: String) -> JSONReaderError {
        error("is \(Self.name(of: value)), not \(expected)", at: value)
    }

    func error(_ problem: String, at value: JSONValue) -> JSONReaderError {
        JSONReaderError(.unusable(value, problem: problem), in: text, document: document)
    }

    private static func name(of value: JSONValue) -> String {
        switch value.kind {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        case .true: "true"
        case .false: "false"
        case .null: "null"
        }
    }

    /// The steps from the document to the value; none if there is no value.
    ///
    /// Only an error needs the steps, so readers do not store them.
    fileprivate var steps: [Step] {
        guard case .value(let value) = place else { return [] }
        var steps: [Step] = []
        scan {
            var start = document.lowerBound
            while start < value.range.lowerBound {
                var scanner = JSONScanner(at: start)
                let outer = try scanner.value(in: text.span)
                guard outer.range.lowerBound < value.range.lowerBound,
                    let (step, inner) = try part(of: outer, around: value)
                else { return }
                steps.append(step)
                start = inner.range.lowerBound
            }
        }
        return steps
    }

    private func part(
        of outer: JSONValue,
        around value: JSONValue
    ) throws(JSONSyntaxError) -> (Step, JSONValue)? {
        var scanner = JSONScanner(at: outer.range.lowerBound)
        if outer.kind == .object {
            try scanner.enterObject(in: text.span)
            while let member = try scanner.nextMember(in: text.span) {
                guard member.value.range.contains(value.range.lowerBound) else { continue }
                return (.member(name(of: member)), member.value)
            }
        } else if outer.kind == .array {
            try scanner.enterArray(in: text.span)
            var index = 0
            while let element = try scanner.nextElement(in: text.span) {
                if element.range.contains(value.range.lowerBound) { return (.element(index), element) }
                index += 1
            }
        }
        return nil
    }

    /// Returns a path for people, such as `meta.prices[2]`.
    ///
    /// Empty names, and names with characters other than ASCII letters, digits, `_` and `-`, are quoted:
    /// `meta["a b"]`. Names of more than 60 characters are cut and quoted.
    fileprivate static func text(_ steps: [Step]) -> String {
        var text = ""
        for step in steps {
            switch step {
            case .element(let index): text += "[\(index)]"
            case .member(let name):
                let shown = name.count > 60 ? name.prefix(60) + "…" : name[...]
                if !shown.isEmpty, shown.utf8.allSatisfy({ isPlain($0) }) {
                    text += (text.isEmpty ? "" : ".") + shown
                } else {
                    text += "[\(String(shown).debugDescription)]"
                }
            }
        }
        return text
    }

    static func isPlain(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }
}
