// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a text is not a URL of `http`, `https` or `data`.
package enum WebURLFault: Error, Sendable, Hashable {
    /// There is no scheme, and no base.
    case noScheme
    /// A scheme that is not supported; it has `count` bytes, without its colon.
    case otherScheme(count: Int)
    /// A reference that is not a fragment, with a `data:` URL as its base.
    case relativeToData
    /// A `data:` URL with a slash after its colon.
    case dataWithPath
    /// The host is missing, or is empty after its conversion into ASCII.
    case emptyHost
    /// A character that a host must not have.
    case characterInHost(Unicode.Scalar)
    /// Bytes in the host that are not valid UTF-8 after percent-decoding.
    case hostNotUTF8
    /// A host whose last label is a number, and which is not an IPv4 address.
    case badIPv4
    /// A host that begins with a bracket and is not an IPv6 address in brackets.
    case badIPv6
    /// A host that begins with a bracket and contains a `%`, such as an IPv6 address with a zone.
    case zone
    /// An international name of more than 64 KiB.
    case nameTooLong
    /// A name that breaks a rule for international names.
    case badName(NameFault)
    /// A port with a character that is not a digit.
    case portNotDigits
    /// A port above 65535.
    case portTooLarge

    /// The broken rule for international names: a validity criterion of UTS 46 §4.1, or the limit of length.
    ///
    /// A host is not checked by such rules if all its characters are ASCII after percent-decoding.
    package enum NameFault: Sendable, Hashable {
        /// A label that begins with `xn--` and is not the Punycode form of a valid label.
        case punycode
        /// A label that is not in Normalization Form C after decoding.
        case normalization
        /// A label that begins with a combining mark.
        case mark
        /// A zero-width joiner or non-joiner where RFC 5892, appendix A, allows none.
        case joiner
        /// A label that breaks the rule for names with right-to-left letters (RFC 5893 §2).
        case direction
        /// A label of more than 255 characters that would be converted to or from Punycode.
        case length
    }
}
