// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

extension TargetURL {
    /// The name to look up for this URL; nil where there is none: for an address, and for `localhost` and names below it, which are this
    /// machine whatever a name server says (RFC 6761 §6.3).
    ///
    /// In lower case, and with the dot at the end of a full name, if there is one: as libcurl looks it up. A name that begins with a
    /// hyphen is left to libcurl, since a line of CURLOPT_RESOLVE that begins so takes a name back.
    var lookedUpName: String? {
        let range = hostRange
        guard !range.isEmpty, text[range.lowerBound] != UInt8(ascii: "-") else { return nil }
        // The last label of a name is no number, so only an address ends so, but for names such as `host1`; an
        // IPv6 address may end in a letter.
        let last = text[range.upperBound - 1]
        if 0x30...0x39 ~= last || text[range.lowerBound - 1] == UInt8(ascii: "[") {
            guard IPAddress(reading: text.span.extracting(range)) == nil else { return nil }
        }
        let host = host
        return host == "localhost" || host.hasSuffix(".localhost") ? nil : host
    }
}
