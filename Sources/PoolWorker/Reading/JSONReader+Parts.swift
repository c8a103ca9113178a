// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONReader {
    /// A step of the path to a value.
    enum Step: Sendable {
        case member(String)
        case element(Int)
    }

    /// The member called `name`; if several members have this name, the last one counts.
    ///
    /// The subscript never fails. If there is no such member, or this value is not an object, properties of
    /// the result such as ``string`` throw. Each access reads the object from its beginning.
    public subscript(name: String) -> JSONReader {
        step(.member(name), into: .object, expected: "an object") { value in
            var scanner = JSONScanner(at: value.range.lowerBound)
            var found: JSONValue?
            try scanner.enterObject(in: text.span)
            while let member = try scanner.nextMember(in: text.span) {
                if isNamed(member, name) { found = member.value }
            }
            return found
        }
    }

    /// The element at `index`, counted from 0.
    ///
    /// The subscript never fails. If there is no such element, or this value is not an array, properties of
    /// the result such as ``string`` throw. For a loop, use ``elements``.
    public subscript(index: Int) -> JSONReader {
        step(.element(index), into: .array, expected: "an array") { value in
            guard index >= 0 else { return nil }
            var scanner = JSONScanner(at: value.range.lowerBound)
            try scanner.enterArray(in: text.span)
            var left = index
            while let element = try scanner.nextElement(in: text.span) {
                if left == 0 { return element }
                left -= 1
            }
            return nil
        }
    }

    /// The elements of the array, in order.
    ///
    /// - Throws: `JSONReaderError` if the value is missing or not an array.
    public var elements: [JSONReader] {
        get throws(JSONReaderError) {
            let value = try value(.array, "an array")
            var found: [JSONReader] = []
            scan {
                var scanner = JSONScanner(at: value.range.lowerBound)
                try scanner.enterArray(in: text.span)
                while let element = try scanner.nextElement(in: text.span) { found.append(at(element)) }
            }
            return found
        }
    }

    /// The members of the object, in the order of the text.
    ///
    /// A name may occur more than once. The subscript then returns the last member with this name.
    ///
    /// - Throws: `JSONReaderError` if the value is missing or not an object.
    public var members: [(name: String, value: JSONReader)] {
        get throws(JSONReaderError) {
            let value = try value(.object, "an object")
            var found: [(name: String, value: JSONReader)] = []
            scan {
                var scanner = JSONScanner(at: value.range.lowerBound)
                try scanner.enterObject(in: text.span)
                while let member = try scanner.nextMember(in: text.span) {
                    found.append((name(of: member), at(member.value)))
                }
            }
            return found
        }
    }

    /// Returns a member's name; a name with a lone surrogate (`LoneSurrogates`) keeps its escapes.
    func name(of member: JSONMember) -> String {
        let bytes = text.span.text(of: member.name) ?? Array(text[member.name.inside])
        return String(decoding: bytes, as: UTF8.self)
    }

    private func isNamed(_ member: JSONMember, _ name: String) -> Bool {
        // Swift compares strings by canonical equivalence, but JSON has no such rule (RFC 8259 §8.3).
        if member.name.isEscaped { return self.name(of: member).utf8.elementsEqual(name.utf8) }
        return text[member.name.inside].elementsEqual(name.utf8)
    }

    private func step(
        _ step: Step,
        into kind: JSONValue.Kind,
        expected: String,
        find: (JSONValue) throws -> JSONValue?
    ) -> JSONReader {
        // If the path has already failed, the error names the place of the first failure.
        guard case .value(let value) = place else { return self }
        if value.kind == .null { return at(.missing(step, parent: value)) }
        guard value.kind == kind else { return at(.notContainer(value, expected: expected)) }
        guard let found = try? find(value) else { return at(.missing(step, parent: value)) }
        return at(found)
    }

    private func at(_ value: JSONValue) -> JSONReader { at(.value(value)) }

    private func at(_ place: Place) -> JSONReader {
        JSONReader(text: text, document: document, place: place)
    }

    /// Runs `body`, which cannot fail, because the text was checked.
    func scan(_ body: () throws -> Void) { try? body() }
}
