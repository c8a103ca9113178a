// SPDX-License-Identifier: MIT
// fetchpool

/// Why a line is no URL that may be fetched.
///
/// Bytes are counted from 1.
package enum URLRefusal: Error, Sendable, Hashable {
    /// There is nothing.
    case empty
    /// There is no scheme; the text is the line with `https://` in front.
    case missingScheme(suggestion: String)
    /// There is no scheme, and none would help: the text is no host and path; its beginning is shown.
    case noURL(shown: String)
    /// An http or https URL begins at `byte`, behind other text, the beginning of which is shown.
    case textInFront(String, byte: Int)
    /// The scheme is another one than http, https or data.
    case unsupportedScheme(String)
    /// `http:` or `https:` is not followed by two slashes.
    case missingSlashes(scheme: String)
    /// The URL as it would be sent has more bytes than the limit.
    case tooLong(limit: Int)

    /// A space.
    case space(byte: Int)
    /// A backslash, which some readers take for a slash.
    case backslash(byte: Int)
    /// A control character: 0 to 31, or 127.
    case control(byte: Int)
    /// A byte that is no part of a UTF-8 character.
    case notUTF8(byte: Int)
    /// A percent sign without two hexadecimal digits behind it.
    case percentSign(byte: Int)

    /// A user name, or a user name and password, in front of the host.
    case userInfo
    /// No host.
    case emptyHost
    /// A percent sign in the host.
    case percentInHost
    /// A host with other letters than ASCII.
    case hostNotASCII
    /// A character that host names do not have.
    case characterInHost(Character, byte: Int)
    /// A host with two dots in a row, or one at its start.
    case emptyLabel
    /// A host with a part of more than 63 bytes (RFC 1035 §2.3.4).
    case longLabel
    /// A host of more than 253 bytes (RFC 1035 §2.3.4).
    case longHost
    /// A host that ends in a number and is no IPv4 address of four decimal numbers.
    case oddNumber(host: String)
    /// Brackets that hold no IPv6 address.
    case badIPv6
    /// An IPv6 address with a zone.
    case zone
    /// A port with something else than digits in it.
    case portNotDigits
    /// A port above 65535, or 0.
    case portOutOfRange(String)

    /// A `data:` URL without the comma in front of its data.
    case missingComma
    /// A `data:` URL whose media type is none.
    case badMediaType(String)
    /// A `data:` URL whose data are not the base64 they are said to be.
    case badBase64
    /// The URL is sound, but no `data:` URL.
    case notDataURL
}

extension URLRefusal {
    /// The class of this error in a record: `scheme` if the scheme is missing or none of ours, `url` otherwise.
    package var errorClass: ErrorClass {
        switch self {
        case .missingScheme, .noURL, .unsupportedScheme, .notDataURL: .scheme
        default: .url
        }
    }
}

extension URLRefusal: CustomStringConvertible {
    /// One sentence that says what is wrong and what to change.
    package var description: String {
        switch self {
        case .empty: "the URL is empty; write one such as https://example.com/x"
        case .missingScheme(let suggestion): "the URL has no scheme; write \(suggestion)"
        case .noURL(let shown): "'\(shown)' is no URL; write one such as https://example.com/x"
        case .textInFront(let text, let byte): URLAdvice.sentence(about: text, byte: byte)
        case .unsupportedScheme(let name): "the scheme '\(name)' is not supported; use http, https or data"
        case .missingSlashes(let scheme):
            "the URL needs two slashes after \(scheme):; write \(scheme)://example.com/x"
        case .tooLong(let limit):
            "the URL is longer than \(limit) bytes; shorten it or send its data in a body"
        case .space(let byte): "the URL contains a space at byte \(byte); write it as %20"
        case .backslash(let byte): "the URL contains a backslash at byte \(byte); write / or %5C"
        case .control(let byte):
            "the URL contains a control character at byte \(byte); remove it or percent-encode it"
        case .notUTF8(let byte): "the URL is not valid UTF-8 at byte \(byte); percent-encode its bytes"
        case .percentSign(let byte):
            "the percent sign at byte \(byte) is not followed by two hex digits; write it as %25"
        case .missingComma: "the data: URL has no comma; write data:,text or data:text/plain;base64,dGV4dA=="
        case .badMediaType(let type):
            "the media type '\(type)' of the data: URL is none; write one such as text/plain"
        case .badBase64: "the data: URL does not hold valid base64; leave ;base64 out or encode its data anew"
        case .notDataURL: "the URL is not a data: URL; write one such as data:,text"
        default: hostDescription
        }
    }

    private var hostDescription: String {
        switch self {
        case .userInfo: "user names and passwords in a URL are not supported; send an Authorization header"
        case .percentInHost: "the host contains a percent sign; write the host name without percent-encoding"
        case .hostNotASCII: "the host contains non-ASCII letters; write it in its xn-- form"
        case .characterInHost(let character, let byte):
            "the host contains '\(character)' at byte \(byte); use letters, digits, hyphens and dots"
        case .emptyLabel: "the host has a dot with no name in front of it; remove the dot"
        case .longLabel: "the host has a part of more than 63 characters between its dots; shorten it"
        case .longHost: "the host is longer than 253 characters; shorten it"
        case .oddNumber(let host):
            "the host '\(host)' ends in a number but is no IPv4 address; write four decimal numbers, as in 127.0.0.1"
        case .badIPv6: "the brackets hold no IPv6 address; write one such as [2001:db8::1]"
        case .zone: "zones of IPv6 addresses are not supported; remove the percent sign and what follows it"
        case .portNotDigits: "the port is not a number; write digits only, as in example.com:8080"
        case .portOutOfRange(let port): "the port \(port) is out of range 1 to 65535; write another"
        default: "the host is empty; write one, as in https://example.com/x"
        }
    }
}
