// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// The form of cookies in messages between processes.
///
/// Each cookie is written as in a cookie file, and each byte of the line becomes the Unicode scalar with the
/// same number. So JSON can carry bytes that are not UTF-8.
package enum WireCookies {
    /// Returns one text for each cookie, in the order of the cookies.
    package static func texts(of cookies: [Cookie]) -> [String] {
        cookies.map { cookie in
            var text = String.UnicodeScalarView()
            for byte in CookieLine.text(of: cookie) { text.append(Unicode.Scalar(byte)) }
            return String(text)
        }
    }

    /// Returns the cookies in texts; a text that is no valid cookie is ignored.
    package static func cookies(in texts: [String]) -> [Cookie] {
        texts.compactMap { text in
            var line: [UInt8] = []
            for scalar in text.unicodeScalars {
                guard let byte = UInt8(exactly: scalar.value) else { return nil }
                line.append(byte)
            }
            return (try? CookieLine.read(line)) ?? nil
        }
    }

    /// Writes the member `cookies`.
    package static func write(_ cookies: [Cookie], into writer: inout JSONWriter) {
        writer.name("cookies")
        writer.beginArray()
        for text in texts(of: cookies) { writer.string(text) }
        writer.endArray()
    }
}
