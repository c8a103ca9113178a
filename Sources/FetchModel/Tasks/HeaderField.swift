// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// One field of a request's or a response's header.
package struct HeaderField: Hashable, Sendable {
    /// The name, as it was given.
    package var name: String
    /// The value, without blanks around it.
    package var value: String

    /// The most fields that a task may give; servers refuse about a hundred.
    package static let maxFields = 256
    /// The most bytes that the names and values of a task's fields may have in all.
    package static let maxBytes = 256 << 10

    /// Creates a field.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Why this field may not be sent; `nil` if it may.
    ///
    /// A name is a token (RFC 9110 §5.6.2); a value holds no CR, LF or NUL, or one line would become two, and
    /// no other control character but the tab (§5.5).
    /// The framing of a message and the handling of connections are libcurl's alone.
    package var refusal: String? {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
            return "the header name '\(shownName)' is not a token"
        }
        if value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) {
            return "the value of header '\(shownName)' holds a line break or NUL"
        }
        if value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
            return "the value of header '\(shownName)' holds a control character"
        }
        return connectionRefusal
    }

    /// The name for a message, which a long one must not fill.
    private var shownName: String {
        let bytes = Array(name.utf8)
        return URLReader.excerpt(bytes.span, from: 0, to: bytes.count, limit: 64)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension HeaderField {
    /// Reads the member `headers` of a task.
    ///
    /// - Throws: `TaskError` of class `json` if it is no object of strings, one of its fields may not be sent, or there are too many.
    static func read(_ value: JSONValue, in object: Span<UInt8>) throws(TaskError) -> [HeaderField] {
        guard value.kind == .object else { throw .noFields }
        var fields: [HeaderField] = []
        var bytes = 0
        do {
            // Nothing that was checked before can break the grammar now; the fields' own faults are thrown as they are found.
            var scanner = JSONScanner(at: value.range.lowerBound)
            try scanner.enterObject(in: object)
            while let member = try scanner.nextMember(in: object) {
                guard fields.count < maxFields else {
                    throw TaskError(.json, "\"headers\" holds more than \(maxFields) fields; send fewer")
                }
                let field = try read(member, in: object)
                bytes += field.name.utf8.count + field.value.utf8.count
                guard bytes <= maxBytes else {
                    throw TaskError(.json, "\"headers\" holds more than \(maxBytes >> 10) KiB; send less")
                }
                fields.append(field)
            }
        } catch let error as TaskError {
            throw error
        } catch {
            throw .noFields
        }
        return fields
    }

    private static func read(_ member: JSONMember, in object: Span<UInt8>) throws(TaskError) -> HeaderField {
        guard let name = object.text(of: member.name), let text = object.text(of: member.value) else {
            throw .noFields
        }
        let field = HeaderField(
            name: String(decoding: name, as: UTF8.self),
            value: String(decoding: text, as: UTF8.self)
        )
        if let refusal = field.refusal { throw TaskError(.json, refusal) }
        return field
    }
}

extension TaskError {
    fileprivate static let noFields = TaskError(.json, "\"headers\" must be an object of strings")
}
