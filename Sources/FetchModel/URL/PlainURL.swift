// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import WebURL

/// A URL in the most frequent form, which is read in one pass and without a copy.
///
/// A plain URL has a host in lower case and no user name, or is a `data:` URL without parameters of the media
/// type. `TargetURL` accepts each plain URL, and finds the same scheme, host and port in it. A URL that is
/// not plain can still be valid.
package struct PlainURL: Sendable {
    /// The scheme.
    package let scheme: TargetURL.Scheme
    /// The port of the URL, or the default port of the scheme; 0 for `data:` URLs.
    package let port: UInt16
    /// The range of the host; empty for `data:` URLs.
    package let host: Range<Int>
    /// The index at which the path begins.
    let pathStart: Int
    /// True if the text of `TargetURL` is certainly the same as the URL.
    let isCanonical: Bool

    /// Reads a URL; `nil` if it is not plain or not valid.
    package init?(reading bytes: Span<UInt8>) {
        guard bytes.count > 6 else { return nil }
        if bytes[0] == UInt8(ascii: "d") {
            guard bytes[1] == UInt8(ascii: "a"), bytes[2] == UInt8(ascii: "t"), bytes[3] == UInt8(ascii: "a"),
                bytes[4] == UInt8(ascii: ":"), let comma = Self.readMediaType(bytes, from: 5),
                let rest = Self.readRest(bytes, from: comma + 1)
            else { return nil }
            (scheme, port, host, pathStart) = (.data, 0, 5..<5, 5)
            isCanonical = !rest.hasFragment
            return
        }
        guard let scheme = Self.readScheme(bytes) else { return nil }
        self.scheme = scheme
        let start = scheme == .http ? 7 : 8
        guard let end = Self.readHost(bytes, from: start) else { return nil }
        host = start..<end
        var at = end
        guard let port = Self.readPort(bytes, at: &at, of: scheme),
            // The limit keeps one byte free for the slash of an empty path.
            bytes.count < TargetURL.maxTextBytes, let rest = Self.readRest(bytes, from: at)
        else { return nil }
        (self.port, pathStart) = (port.number, at)
        isCanonical =
            !port.isDefaultNamed && !rest.hasFragment && !rest.mayHaveDots && at < bytes.count
            && bytes[at] == UInt8(ascii: "/")
    }

    /// Returns the key of the URL's host.
    func hostKey(in bytes: Span<UInt8>) -> HostKey {
        HostKey(name: String(decoding: bytes.array(host), as: UTF8.self), port: port)
    }

    private static func readScheme(_ bytes: Span<UInt8>) -> TargetURL.Scheme? {
        guard bytes[0] == UInt8(ascii: "h"), bytes[1] == UInt8(ascii: "t"), bytes[2] == UInt8(ascii: "t"),
            bytes[3] == UInt8(ascii: "p")
        else { return nil }
        let start = bytes[4] == UInt8(ascii: "s") ? 5 : 4
        guard bytes.count > start + 3, bytes[start] == UInt8(ascii: ":"),
            bytes[start + 1] == UInt8(ascii: "/"), bytes[start + 2] == UInt8(ascii: "/")
        else { return nil }
        return start == 5 ? .https : .http
    }

    /// Returns the index of the comma in a `data:` URL; `nil` if there is no comma, or if the text before the
    /// comma is neither empty nor a type and a subtype.
    private static func readMediaType(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        if bytes[start] == UInt8(ascii: ",") { return start }
        guard let slash = skipName(bytes, from: start), bytes[slash] == UInt8(ascii: "/"),
            let comma = skipName(bytes, from: slash + 1), bytes[comma] == UInt8(ascii: ",")
        else { return nil }
        return comma
    }

    /// Returns the index after a name in a media type; `nil` if no name begins at `start`, or if the text
    /// ends with the name.
    private static func skipName(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var at = start
        while at < bytes.count, URLBytes.mediaName.contains(bytes[at]) { at += 1 }
        return at > start && at < bytes.count ? at : nil
    }

    /// Returns the index after the host; `nil` if the host is not plain, such as an IPv6 address or a host
    /// with upper case letters.
    private static func readHost(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        let plain = URLBytes.plainHost
        var at = start
        var labelStart = start
        while at < bytes.count {
            let byte = bytes[at]
            if !plain.contains(byte) {
                guard byte == UInt8(ascii: ".") else { break }
                guard at > labelStart, at - labelStart <= 63 else { return nil }
                labelStart = at + 1
            }
            at += 1
        }
        guard at > labelStart, at - labelStart <= 63, at - start <= 253 else { return nil }
        if at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "?"), UInt8(ascii: "#"): break
            default: return nil
            }
        }
        // If the last label begins with a digit, the host is plain only as an IPv4 address.
        guard
            !URLBytes.isDigit(bytes[labelStart]) || IPv4Address(reading: bytes.extracting(start..<at)) != nil
        else { return nil }
        return at
    }

    /// Returns the port, and true if the URL names the default port of its scheme; `nil` if the port is not
    /// plain.
    private static func readPort(
        _ bytes: Span<UInt8>,
        at: inout Int,
        of scheme: TargetURL.Scheme
    ) -> (number: UInt16, isDefaultNamed: Bool)? {
        let own: UInt16 = scheme == .http ? 80 : 443
        guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { return (own, false) }
        at += 1
        // A port with a leading zero is not plain, because `TargetURL` drops the zero.
        guard at < bytes.count, bytes[at] != UInt8(ascii: "0") else { return nil }
        let start = at
        var value = 0
        while at < bytes.count, URLBytes.isDigit(bytes[at]), at - start < 5 {
            value = value * 10 + Int(bytes[at] &- 0x30)
            at += 1
        }
        guard at > start, let number = UInt16(exactly: value) else { return nil }
        if at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): break
            default: return nil
            }
        }
        return (number, number == own)
    }

    /// Reads path, query and fragment; returns `nil` if a byte may have to be changed or refused.
    ///
    /// `mayHaveDots` is true if a dot segment may follow a slash.
    private static func readRest(
        _ bytes: Span<UInt8>,
        from start: Int
    ) -> (hasFragment: Bool, mayHaveDots: Bool)? {
        let quick = URLBytes.plainWithoutDot
        var rest = (hasFragment: false, mayHaveDots: false)
        var at = start
        while at < bytes.count {
            let byte = bytes[at]
            if quick.contains(byte) {
                at += 1
                continue
            }
            switch byte {
            case UInt8(ascii: "."):
                rest.mayHaveDots = rest.mayHaveDots || bytes[at - 1] == UInt8(ascii: "/")
            case UInt8(ascii: "%"):
                guard at + 2 < bytes.count, URLBytes.hexValue(bytes[at + 1]) != nil,
                    URLBytes.hexValue(bytes[at + 2]) != nil
                else { return nil }
                rest.mayHaveDots = rest.mayHaveDots || bytes[at - 1] == UInt8(ascii: "/")
            case UInt8(ascii: "#"): rest.hasFragment = true
            default: return nil
            }
            at += 1
        }
        return rest
    }
}
