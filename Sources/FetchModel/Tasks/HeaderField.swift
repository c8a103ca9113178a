// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import WebURL

/// A header field of a request or a response.
package struct HeaderField: Hashable, Sendable {
    /// The name; in a `Response`, it is in lower case.
    package var name: String
    /// The value.
    package var value: String

    /// The largest number of fields in a task; many servers refuse more than about a hundred.
    package static let maxFields = 256
    /// The largest total size of the names and values of a task's fields, in bytes.
    package static let maxBytes = 256 << 10

    /// Creates a field.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The reason why this field is refused; `nil` if it may be sent.
    ///
    /// A name must be a token (RFC 9110 §5.6.2). A value must not contain a control character other than the
    /// tab (§5.5). The rules of `connectionRefusal` apply too.
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

    /// The name for a message, cut after at most 64 bytes.
    private var shownName: String {
        let bytes = Array(name.utf8)
        return Excerpt.of(bytes.span, from: 0, to: bytes.count, limit: 64)
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
    /// Creates the field that sends a user name and password (RFC 7617).
    init(basic user: WebURL.UserInfo) {
        let pair = URLBytes.percentDecoded(user.name.span) + [UInt8(ascii: ":")]
        let encoded = Base64.encode(pair + URLBytes.percentDecoded(user.password.span))
        self.init(name: "Authorization", value: "Basic " + encoded)
    }

    /// True if the name is `Authorization`, in any letter case.
    var isAuthorization: Bool { name.utf8.map(URLBytes.lower).elementsEqual("authorization".utf8) }

    /// The field as a member of a JSON object, without the braces of the object.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name(text: name)
        writer.string(value)
        writer.endObject()
        return Array(writer.take().dropFirst().dropLast())
    }

    /// Reads the member `headers` of a task.
    ///
    /// A field whose value is `null` is passed over, and `hasNulls` becomes true.
    ///
    /// - Throws: `TaskError` of class `json` if the value is not an object of strings, a string is no Unicode
    ///   text, a field is refused, or the fields exceed a limit.
    static func read(
        _ value: JSONValue,
        in object: Span<UInt8>,
        _ hasNulls: inout Bool
    ) throws(TaskError) -> [HeaderField] {
        guard value.kind == .object else { throw .noFields }
        var fields: [HeaderField] = []
        var bytes = 0
        do {
            // The JSON is valid, so only invalid fields and the limits cause errors here.
            var scanner = JSONScanner(at: value.range.lowerBound)
            try scanner.enterObject(in: object)
            while let member = try scanner.nextMember(in: object) {
                guard member.value.kind != .null else {
                    hasNulls = true
                    continue
                }
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
        guard member.value.kind == .string else { throw .noFields }
        guard let name = object.text(of: member.name), let text = object.text(of: member.value) else {
            throw .halfCharacter(in: "headers")
        }
        let field = HeaderField(
            name: String(decoding: name, as: UTF8.self),
            value: String(decoding: withoutBlanks(text), as: UTF8.self)
        )
        if let refusal = field.refusal { throw TaskError(.json, refusal) }
        return field
    }

    /// Returns a value without the spaces and tabs around it, which are no part of it (RFC 9110 §5.5).
    ///
    /// Over HTTP/2, a value with such blanks must not be sent (RFC 9113 §8.2.1).
    package static func withoutBlanks<Text: BidirectionalCollection<UInt8>>(
        _ text: Text
    ) -> Text.SubSequence {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var value = text.drop(while: isBlank)
        while value.last.map(isBlank) == true { value.removeLast() }
        return value
    }
}

extension TaskError {
    fileprivate static let noFields = TaskError(.json, "\"headers\" must be an object of strings")

    /// The error of a member with a string that is no Unicode text (RFC 8259 §8.2).
    static func halfCharacter(in member: String) -> Self {
        TaskError(.json, "\"\(member)\" contains half a surrogate pair; write the whole pair")
    }
}
