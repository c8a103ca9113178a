// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The reason why a JSON text, or a value in it, cannot be used.
///
/// The description is a sentence for people, such as `'meta.price' is a string, not a number (byte 31)`.
public struct JSONReaderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path to the value, such as `meta.prices[2]`; empty for the whole text.
    public let path: String
    /// The problem, the end of a sentence whose subject is the value.
    public let problem: String
    /// The place of the value in the text, in bytes from 0.
    ///
    /// For a missing value, this is the place of its parent; for invalid JSON, the place of the error.
    public let offset: Int
    /// The line of this place, from 1.
    public let line: Int
    /// The column of this place in its line, in bytes from 0.
    public let column: Int

    /// A sentence with the path, the problem and the place.
    public var description: String {
        let subject = path.isEmpty ? "the JSON text" : "'\(path)'"
        let place = line > 1 ? "line \(line), byte \(column)" : "byte \(offset)"
        return "\(subject) \(problem) (\(place))"
    }

    init(path: String, problem: String, offset: Int, in document: ArraySlice<UInt8>) {
        (self.path, self.problem, self.offset) = (path, problem, offset)
        let before = document.prefix(offset)
        line = before.count { $0 == 0x0A } + 1
        column = before.count - (before.lastIndex(of: 0x0A).map { $0 - before.startIndex + 1 } ?? 0)
    }

    init(_ error: JSONSyntaxError, in text: [UInt8]) {
        self.init(
            path: "",
            problem: "is not valid: \(error.reason)",
            offset: error.offset,
            in: text[...]
        )
    }
}

extension JSONReader {
    func missing(_ step: Step, _ parent: JSONValue) -> JSONReaderError {
        let steps = path(to: parent)
        let reason =
            switch (step, parent.kind) {
            case (_, .null): steps.isEmpty ? "the JSON text is null" : "'\(Self.text(steps))' is null"
            case (.element, _): Self.count(of: (try? at(parent).elements.count) ?? 0)
            default: nil as String?
            }
        return error("is missing" + (reason.map { ": \($0)" } ?? ""), at: parent, steps + [step])
    }

    private static func count(of elements: Int) -> String {
        "the array has \(elements) \(elements == 1 ? "element" : "elements")"
    }

    func mismatch(_ value: JSONValue, _ expected: String) -> JSONReaderError {
        error("is \(Self.name(of: value)), not \(expected)", at: value)
    }

    func error(_ problem: String, at value: JSONValue, _ steps: [Step]? = nil) -> JSONReaderError {
        JSONReaderError(
            path: Self.text(steps ?? path(to: value)),
            problem: problem,
            offset: value.range.lowerBound - document.lowerBound,
            in: text[document]
        )
    }

    private func at(_ value: JSONValue) -> JSONReader {
        JSONReader(text: text, document: document, place: .value(value))
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

    /// Returns the steps from the document to `value`, which is in the document.
    ///
    /// Only an error needs the steps, so readers do not store them.
    private func path(to value: JSONValue) -> [Step] {
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
    /// Names with characters other than ASCII letters, digits, `_` and `-` are quoted: `meta["a b"]`. Names
    /// of more than 60 characters are cut.
    private static func text(_ steps: [Step]) -> String {
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
