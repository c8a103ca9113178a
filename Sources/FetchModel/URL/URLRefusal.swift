// SPDX-License-Identifier: MIT
// fetchpool

package import WebURL

/// The reason why a URL is refused.
///
/// Bytes are numbered from 1.
package enum URLRefusal: Error, Sendable, Hashable {
    /// The text is empty, or has only blanks and control characters.
    case empty
    /// The scheme is missing; `suggestion` is the beginning of the URL with `https://`.
    case missingScheme(suggestion: String)
    /// The colon after the scheme is missing or mistyped; `suggestion` is the beginning of the corrected URL.
    case missingColon(suggestion: String)
    /// The text has no supported scheme, and does not look like a URL.
    ///
    /// `shown` is the beginning of the text, and `remedy` says what to change.
    case noURL(shown: String, remedy: String)
    /// An http or https URL begins at `byte`, after other text; the string is the beginning of the other
    /// text.
    ///
    /// `byte` does not count the blanks and control characters at the start of the line.
    case textInFront(String, byte: Int)
    /// The scheme is not http, https or data; the string is the beginning of the scheme.
    case unsupportedScheme(String)
    /// The text of the http or https URL (`TargetURL.text`) has more bytes than `limit`.
    ///
    /// A host that is not ASCII is also refused if the host alone has more than `limit` bytes.
    case tooLong(limit: Int)

    /// A byte is no part of a valid UTF-8 character.
    case notUTF8(byte: Int)
    /// There is no host.
    case emptyHost
    /// A character that a host must not have.
    case characterInHost(Unicode.Scalar)
    /// Bytes in the host that are no UTF-8 after percent-decoding.
    case hostNotUTF8
    /// A host that breaks a rule for international names.
    case badName(WebURLFault.NameFault)
    /// A host whose last label is a number, and which is no IPv4 address.
    case oddNumber(host: String)
    /// A host that begins with a bracket and is no IPv6 address in brackets.
    case badIPv6
    /// A host that begins with a bracket and contains a `%`, such as an IPv6 address with a zone.
    case zone
    /// A port with a character that is no digit.
    case portNotDigits
    /// A port above 65535, or 0; the string is the port as a message shows it.
    case portOutOfRange(String)

    /// A `data:` URL with a slash in place of its media type.
    case dataWithPath
    /// A `data:` URL without the comma in front of its data.
    case missingComma
    /// A `data:` URL whose media type is not valid; the string is the beginning of the media type.
    case badMediaType(String)
    /// A `data:` URL with `;base64` whose data are not valid base64.
    case badBase64
    /// The URL is valid, but no `data:` URL.
    case notDataURL
}

extension URLRefusal {
    /// The class of this error in a record: `scheme` or `url`.
    package var errorClass: ErrorClass {
        switch self {
        case .missingScheme, .missingColon, .noURL, .unsupportedScheme, .notDataURL: .scheme
        default: .url
        }
    }
}

extension URLRefusal: CustomStringConvertible {
    /// One sentence that says what is wrong and what to change.
    package var description: String {
        switch self {
        case .empty: "the URL is empty; write one such as https://example.com/x"
        case .missingScheme(let suggestion):
            "the URL has no scheme; write \(suggestion), or give --default-scheme"
        case .missingColon(let suggestion): "the scheme lacks its colon; write \(suggestion)"
        case .noURL(let shown, let remedy): "'\(shown)' is no URL; \(remedy)"
        case .textInFront(let text, let byte): URLAdvice.sentence(about: text, byte: byte)
        case .unsupportedScheme(let name): "the scheme '\(name)' is not supported; use http, https or data"
        case .tooLong(let limit):
            "the URL is longer than \(limit) bytes; shorten it or send its data in a body"
        case .notUTF8(let byte): "the URL is not valid UTF-8 at byte \(byte); percent-encode its bytes"
        case .dataWithPath: "a data: URL begins with its media type; write one such as data:text/plain,text"
        case .missingComma: "the data: URL has no comma; write data:,text or data:text/plain;base64,dGV4dA=="
        case .badMediaType(let type):
            "the media type '\(type)' of the data: URL is not valid; write one such as text/plain"
        case .badBase64: "the data: URL does not hold valid base64; leave ;base64 out or encode its data anew"
        case .notDataURL: "the URL is not a data: URL; write one such as data:,text"
        default: hostDescription
        }
    }

    /// The sentence about a URL that is a field of a CSV or TSV table.
    ///
    /// Unlike `description`, it does not recommend to write the input as a table or as lines of JSON.
    var inTable: String {
        switch self {
        case .noURL(let shown, _): "'\(shown)' is no URL; \(URLAdvice.usual)"
        case .textInFront(let text, let byte): URLAdvice.sentence(about: text, byte: byte, isInTable: true)
        default: description
        }
    }

    private var hostDescription: String {
        switch self {
        case .characterInHost(let scalar):
            "the host contains \(Self.shown(scalar)); use letters, digits, hyphens and dots"
        case .hostNotUTF8: "the host is not valid UTF-8; write its letters as they are, or in its xn-- form"
        case .badName(let fault): Self.sentence(about: fault)
        case .oddNumber(let host):
            "the host '\(host)' ends in a number but is no IPv4 address; write four numbers below 256, as in 127.0.0.1"
        case .badIPv6: "the brackets hold no IPv6 address; write one such as [2001:db8::1]"
        case .zone:
            "zones of IPv6 addresses are not supported; remove the percent sign and the text after it, up to the bracket"
        case .portNotDigits: "the port is not a number; write digits only, as in example.com:8080"
        case .portOutOfRange(let port): "the port \(port) is out of range 1 to 65535; write another"
        default: "the host is empty; write one, as in https://example.com/x"
        }
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        if 0x21..<0x7F ~= scalar.value { return "'\(scalar)'" }
        if scalar == " " { return "a space" }
        let number = String(scalar.value, radix: 16, uppercase: true)
        return "the character U+" + String(repeating: "0", count: max(0, 4 - number.count)) + number
    }

    private static func sentence(about fault: WebURLFault.NameFault) -> String {
        switch fault {
        case .punycode: "a part of the host begins with xn-- but encodes no name; write its letters instead"
        case .normalization:
            "a part of the host encodes a name that is not normalized; write its letters instead"
        case .mark: "a part of the host begins with a combining mark; remove the mark"
        case .joiner: "the host contains a joiner, U+200C or U+200D, where none is allowed; remove it"
        case .direction:
            "the host breaks the rule for names with letters that run from right to left; correct its letters"
        case .length: "a part of the host is longer than 63 bytes in its xn-- form; shorten it"
        }
    }
}

extension URLRefusal {
    /// Creates the reason from a fault that `WebURL` found in a text.
    init(_ fault: WebURLFault, of text: Span<UInt8>) {
        let trimmed = text.extracting(Cleaning.trimmed(text))
        switch fault {
        case .noScheme: self = trimmed.isEmpty ? .empty : URLAdvice.refusalWithoutScheme(trimmed)
        case .otherScheme: self = URLAdvice.refusalOfScheme(trimmed)
        // `relativeToData` cannot occur, because the text was read without a base.
        case .relativeToData, .emptyHost: self = .emptyHost
        case .dataWithPath: self = .dataWithPath
        case .characterInHost(let scalar): self = .characterInHost(scalar)
        case .hostNotUTF8: self = .hostNotUTF8
        case .badIPv4: self = .oddNumber(host: URLAuthority(in: trimmed).host(in: trimmed))
        case .badIPv6: self = .badIPv6
        case .zone: self = .zone
        case .nameTooLong: self = .tooLong(limit: TargetURL.maxTextBytes)
        case .badName(let fault): self = .badName(fault)
        case .portNotDigits: self = .portNotDigits
        case .portTooLarge: self = .portOutOfRange(URLAuthority(in: trimmed).port(in: trimmed))
        }
    }
}
