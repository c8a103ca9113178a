// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The URL that a redirect leads to (Fetch Standard, "location URL").
enum RedirectTarget {
    /// Resolves the value of `Location` in the response from `base` like a link in a page.
    ///
    /// - Throws: `TaskError` of class `scheme` for a scheme other than http and https, and of class
    ///   `redirects` for any other text that gives no usable URL.
    static func read(_ location: [UInt8], from base: TargetURL) throws(TaskError) -> TargetURL {
        if let url = URLReference.resolve(location.span, against: base) { return url }
        if let scheme = otherScheme(of: location) {
            let message = "a redirect leads to a scheme other than http and https: \(scheme)"
            throw TaskError(.scheme, message)
        }
        let shown = URLSecrets.excerpt(location.span, limit: 100)
        throw TaskError(.redirects, "a redirect leads to a location that is not a valid URL: \(shown)")
    }

    /// Returns the scheme, in lower case and cut to 32 characters; `nil` for http, https or no scheme.
    private static func otherScheme(of location: [UInt8]) -> String? {
        // Control characters and blanks in front, and line breaks and tabs inside, are no part of a URL.
        let text = location.drop { $0 <= 0x20 }.filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        let name = text.prefix { isSchemeByte($0) }
        guard let first = name.first, 0x61...0x7A ~= first | 0x20, name.endIndex < text.endIndex,
            text[name.endIndex] == UInt8(ascii: ":")
        else { return nil }
        let scheme = String(decoding: name, as: UTF8.self).lowercased()
        return scheme == "http" || scheme == "https" ? nil : String(scheme.prefix(32))
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
