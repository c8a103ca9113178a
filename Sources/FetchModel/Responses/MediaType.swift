// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// A media type as browsers read it from the values of `Content-Type` (Fetch Standard, "extract a MIME type";
/// MIME Sniffing Standard §4.4, "parse a MIME type").
package struct MediaType: Sendable {
    /// The type and the subtype in lower case, with a slash between them.
    package let essence: String
    /// The value of the parameter `charset` in lower case; `nil` if the value is missing or empty.
    package private(set) var charset: String?

    /// Reads the values of all `Content-Type` fields; `nil` if they contain no valid media type.
    ///
    /// Each value may be a list. The last valid media type counts; `*/*` is ignored. If several types of one
    /// essence come last, a missing charset is taken from the first of these types.
    package init?(values: some Sequence<String>) {
        var last: MediaType?
        var charset: String?
        for value in values {
            for part in Self.listElements(Array(value.utf8)) {
                guard var type = MediaType(part), type.essence != "*/*" else { continue }
                if type.essence != last?.essence {
                    charset = type.charset
                } else {
                    type.charset = type.charset ?? charset
                }
                last = type
            }
        }
        guard let last else { return nil }
        self = last
    }

    private init?(_ text: ArraySlice<UInt8>) {
        let text = Self.trimmed(text)
        let type = text.prefix { $0 != UInt8(ascii: "/") }
        guard Self.isToken(type), type.endIndex < text.endIndex else { return nil }
        let rest = text[(type.endIndex + 1)...]
        let subtype = rest.prefix { $0 != UInt8(ascii: ";") }.trimmingSuffix(while: Self.isBlank)
        guard Self.isToken(subtype) else { return nil }
        essence = Self.lowered(type) + "/" + Self.lowered(subtype)
        charset = Self.charset(among: rest.drop { $0 != UInt8(ascii: ";") })
    }

    /// Returns the first non-empty `charset` among parameters; `nil` if there is none.
    ///
    /// Each parameter begins with a semicolon. Some servers send blanks around the equals sign, or single
    /// quotation marks around the value. In contrast to the standard, both are dropped.
    private static func charset(among parameters: ArraySlice<UInt8>) -> String? {
        var rest = parameters
        while !rest.isEmpty {
            rest = rest.dropFirst()
            let name = rest.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "=") }
            rest = rest[name.endIndex...]
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest = rest.dropFirst().drop(while: isBlank)
            let value = value(at: &rest)
            if lowered(trimmed(name)) == "charset", !value.isEmpty { return value }
        }
        return nil
    }

    /// Returns the value at the start of `text`, and removes the text before the next parameter from `text`.
    ///
    /// The result is in lower case, and has neither blanks nor quotation marks around it.
    private static func value(at text: inout ArraySlice<UInt8>) -> String {
        var value: [UInt8] = []
        if text.first == UInt8(ascii: "\"") {
            text = text.dropFirst()
            while let byte = text.popFirst(), byte != UInt8(ascii: "\"") {
                value.append(byte == UInt8(ascii: "\\") ? text.popFirst() ?? byte : byte)
            }
            text = text.drop { $0 != UInt8(ascii: ";") }
        } else {
            let end = text.firstIndex(of: UInt8(ascii: ";")) ?? text.endIndex
            value = Array(text[..<end])
            text = text[end...]
        }
        let quotes: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: "'")]
        let isAround: (UInt8) -> Bool = { isBlank($0) || quotes.contains($0) }
        return lowered(value.drop(while: isAround).trimmingSuffix(while: isAround))
    }

    /// Returns the elements of a list; a comma in a quoted string separates no elements.
    private static func listElements(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var elements: [ArraySlice<UInt8>] = []
        var (start, index, isQuoted) = (0, 0, false)
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "\\") where isQuoted: index += 1
            case UInt8(ascii: ",") where !isQuoted:
                elements.append(text[start..<index])
                start = index + 1
            default: break
            }
            index += 1
        }
        return elements + [text[start...]]
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        text.drop(while: isBlank).trimmingSuffix(while: isBlank)
    }

    private static func lowered(_ text: ArraySlice<UInt8>) -> String {
        String(decoding: text, as: UTF8.self).lowercased()
    }

    private static func isToken(_ text: ArraySlice<UInt8>) -> Bool {
        !text.isEmpty && text.allSatisfy(URLBytes.token.contains)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}

extension ArraySlice<UInt8> {
    fileprivate func trimmingSuffix(while isDropped: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        guard let last = lastIndex(where: { !isDropped($0) }) else { return [] }
        return self[...last]
    }
}
