// SPDX-License-Identifier: MIT
// fetchpool

/// The lines of cookie files in the Netscape format; curl, wget, browser exports and Python's
/// `http.cookiejar` use this format.
///
/// A line has seven columns with tabs between them. The columns are the domain, TRUE if subdomains are
/// included, the path, TRUE for https only, the expiry, the name and the value. The expiry is in seconds
/// since 1970, or 0 for the end of the session. A line that begins with `#HttpOnly_` is a cookie whose
/// `isHTTPOnly` is true.
package enum CookieLine {
    private static let tab = UInt8(ascii: "\t")
    private static let httpOnly = Array("#HttpOnly_".utf8)

    /// The reason why a line is not valid.
    package struct Fault: Error, Hashable, Sendable {
        /// The reason, as the end of an error message.
        package let reason: String
    }

    /// Reads a line without its line break; `nil` for a comment, a blank line, or a value without a name.
    ///
    /// A comment begins with `#` or `$`, perhaps after spaces and tabs; but a line that begins with
    /// `#HttpOnly_` is a cookie.
    ///
    /// - Throws: `Fault` if the line is invalid; the reason contains no text of the line.
    package static func read(_ line: [UInt8]) throws(Fault) -> Cookie? {
        var line = line[...]
        if line.last == 0x0D { line.removeLast() }
        let isHTTPOnly = line.starts(with: httpOnly)
        if isHTTPOnly { line = line.dropFirst(httpOnly.count) }
        guard let first = line.first(where: { $0 != 0x20 && $0 != tab }),
            isHTTPOnly || first != UInt8(ascii: "#") && first != UInt8(ascii: "$")
        else { return nil }
        let columns = line.split(separator: tab, omittingEmptySubsequences: false).map { Array($0) }
        // A cookie without a value may lack the last tab.
        guard columns.count == 7 || columns.count == 6 else {
            throw Fault(reason: "expected 7 columns with tabs between them, found \(columns.count)")
        }
        // Python also writes cookies without a name, which this program cannot send.
        guard !columns[5].isEmpty || columns.count < 7 || columns[6].isEmpty else { return nil }
        var cookie = Cookie(
            name: columns[5],
            value: columns.count > 6 ? columns[6] : [],
            domain: try domain(columns[0]),
            isHostOnly: try !flag(columns[1], "second"),
            path: columns[2],
            isSecure: try flag(columns[3], "fourth"),
            isHTTPOnly: isHTTPOnly,
            expiry: try expiry(columns[4])
        )
        if CookieDomain.isAddress(cookie.domain) { cookie.isHostOnly = true }
        try check(cookie)
        return cookie
    }

    private static func check(_ cookie: Cookie) throws(Fault) {
        guard cookie.path.first == UInt8(ascii: "/") else {
            throw Fault(reason: "the third column must be a path that begins with a slash")
        }
        guard !cookie.name.isEmpty else { throw Fault(reason: "the sixth column, the name, is empty") }
        let isControl = { (byte: UInt8) in byte < 0x20 || byte == 0x7F }
        guard !(cookie.name + cookie.value + cookie.path).contains(where: isControl),
            !cookie.name.contains(where: { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "=") }),
            !cookie.value.contains(UInt8(ascii: ";"))
        else {
            throw Fault(reason: "a column holds a control character, or a character that ends the cookie")
        }
        guard cookie.name.count + cookie.value.count <= Cookie.maxBytes else {
            throw Fault(reason: "name and value have more than \(Cookie.maxBytes) bytes")
        }
    }

    private static func domain(_ column: [UInt8]) throws(Fault) -> String {
        var name = column.map(ASCIIByte.lower)
        if name.first == UInt8(ascii: ".") { name.removeFirst() }
        // Python writes an IPv6 address in brackets. Python also appends `.local` to each host without a dot,
        // so `.local` can follow the brackets.
        if name.first == UInt8(ascii: "["), let end = name.firstIndex(of: UInt8(ascii: "]")) {
            let (inside, rest) = (Array(name[1..<end]), name[(end + 1)...])
            if rest.isEmpty || rest.elementsEqual(".local".utf8), IPAddress(reading: inside.span) != nil {
                name = inside
            }
        }
        // wget can write a port after the host.
        if let colon = name.firstIndex(of: UInt8(ascii: ":")), colon == name.lastIndex(of: UInt8(ascii: ":")),
            colon + 1 < name.count, name[(colon + 1)...].allSatisfy(ASCIIByte.isDigit)
        {
            name.removeSubrange(colon...)
        }
        let isAddress = IPAddress(reading: name.span) != nil
        guard isAddress || !name.isEmpty && name.allSatisfy({ ASCIIByte.isOfHost($0) }) else {
            throw Fault(reason: "the first column must be a host name in ASCII or an address")
        }
        return String(decoding: name, as: UTF8.self)
    }

    private static func flag(_ column: [UInt8], _ place: String) throws(Fault) -> Bool {
        switch String(decoding: column.map(ASCIIByte.lower), as: UTF8.self) {
        case "true": return true
        case "false": return false
        default: throw Fault(reason: "the \(place) column must be TRUE or FALSE")
        }
    }

    /// Returns the expiry in a column; `nil` for the end of the session.
    ///
    /// Some programs write a fraction of a second, which is cut off. Some leave the column empty for the end
    /// of the session. Some write a time before 1970; the result is then 1, a time in the past.
    private static func expiry(_ column: [UInt8]) throws(Fault) -> Int? {
        guard !column.isEmpty else { return nil }
        if column[0] == UInt8(ascii: "-"), 2...16 ~= column.count,
            column.dropFirst().allSatisfy(ASCIIByte.isDigit)
        {
            return 1
        }
        let whole = column.prefix(while: ASCIIByte.isDigit)
        let rest = column[whole.endIndex...]
        let isFraction =
            rest.first == UInt8(ascii: ".") && rest.dropFirst().allSatisfy(ASCIIByte.isDigit)
        guard 1...15 ~= whole.count, rest.isEmpty || isFraction else {
            throw Fault(reason: "the fifth column must be a number of seconds since 1970, or 0")
        }
        let seconds = whole.reduce(0) { $0 * 10 + Int($1 & 15) }
        return seconds == 0 ? nil : seconds
    }

    /// Returns the line of a cookie, without a line break.
    package static func text(of cookie: Cookie) -> [UInt8] {
        var line = cookie.isHTTPOnly ? httpOnly : []
        if !cookie.isHostOnly { line.append(UInt8(ascii: ".")) }
        line += cookie.domain.utf8
        line += cookie.isHostOnly ? "\tFALSE\t".utf8 : "\tTRUE\t".utf8
        line += cookie.path
        line += cookie.isSecure ? "\tTRUE\t".utf8 : "\tFALSE\t".utf8
        line += "\(cookie.expiry ?? 0)\t".utf8
        return line + cookie.name + [tab] + cookie.value
    }
}

/// A file of cookies in the Netscape format.
package struct CookieFile: Hashable, Sendable {
    /// The cookies in the order of the file, and after them the copies for short host names (see `init`).
    package let cookies: [Cookie]

    /// The largest size of a file, in bytes.
    package static let maxBytes = 16 << 20

    /// A line that is not valid.
    package struct Fault: Error, Hashable, Sendable {
        /// The line's number, from 1.
        package let line: Int
        /// The reason, as the end of an error message.
        package let reason: String
    }

    /// Reads the text of a file.
    ///
    /// A cookie of a host such as `name.local` also gives a copy for the host `name`. The copy is left out if
    /// the file has a cookie with the same key as the copy.
    ///
    /// - Throws: `Fault` for the first line for which `CookieLine.read` throws.
    package init(reading text: [UInt8]) throws(Fault) {
        var cookies: [Cookie] = []
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let body = text.starts(with: mark) ? text.dropFirst(mark.count) : text[...]
        for (index, line) in body.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            do throws(CookieLine.Fault) {
                guard let cookie = try CookieLine.read(Array(line)) else { continue }
                cookies.append(cookie)
            } catch {
                throw Fault(line: index + 1, reason: error.reason)
            }
        }
        let others = cookies.compactMap(\.ofShortHost)
        let keys = others.isEmpty ? [] : Set(cookies.map(\.key))
        self.cookies = cookies + others.filter { !keys.contains($0.key) }
    }

    /// Returns the text of a file that holds these cookies.
    package static func text(of cookies: [Cookie]) -> [UInt8] {
        var text = Array(
            "# Netscape HTTP Cookie File\n# Written by fetchpool; it holds secrets: keep it to yourself.\n\n"
                .utf8
        )
        for cookie in cookies {
            text += CookieLine.text(of: cookie)
            text.append(0x0A)
        }
        return text
    }
}

extension Cookie {
    /// A copy of this cookie for the host `name`, if this cookie is sent only to the host `name.local`, and
    /// `name` has no dot; otherwise `nil`.
    ///
    /// Python's `http.cookiejar` writes the domain `name.local` for the host `name`, if the name has no dot
    /// (RFC 2965 §1). A host of multicast DNS really has the name `name.local`, so the original is kept.
    fileprivate var ofShortHost: Cookie? {
        guard isHostOnly, domain.hasSuffix(".local") else { return nil }
        let name = domain.dropLast(".local".count)
        guard !name.isEmpty, !name.contains(".") else { return nil }
        var other = self
        other.domain = String(name)
        return other
    }
}
