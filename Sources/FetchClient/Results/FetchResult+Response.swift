// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
import PoolWire
package import Spool

extension FetchResult {
    /// Returns the response for processing; `nil` if the result has no body.
    ///
    /// A body that is too long for the result line or is not UTF-8 goes to the spool.
    ///
    /// - Throws: `SpoolWriter.Failure` if the body must go to the spool and writing fails.
    package func response(spooledBy spool: SpoolWriter) throws(SpoolWriter.Failure) -> Response? {
        guard let status, let body else { return nil }
        let fitsLine =
            body.count <= WireLimits.maxInlineBodyBytes && UTF8Check.firstFault(in: body.span) == nil
        let place: Response.Body
        if fitsLine {
            place = .inline(body)
        } else {
            let (segment, offset) = try spool.append(body)
            place = .segment(segment, offset: offset)
        }
        return Response(
            status: status,
            url: String(decoding: finalURL, as: UTF8.self),
            headers: headers,
            contentType: contentType,
            charset: contentType.flatMap(Self.charset),
            bytes: body.count,
            body: place
        )
    }

    /// Returns the parameter `charset` of a media type (RFC 9110 §8.3.2), in lower case and without quotes.
    ///
    /// The result is `nil` if the parameter is missing or empty.
    static func charset(of contentType: String) -> String? {
        for parameter in contentType.utf8.split(separator: UInt8(ascii: ";")).dropFirst() {
            let pair = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard pair.count == 2, trimmed(pair[0]) == "charset" else { continue }
            let value = trimmed(pair[1])
            return value.isEmpty ? nil : value
        }
        return nil
    }

    /// Returns the text in lower case, without surrounding blanks and quotes.
    private static func trimmed(_ text: Substring.UTF8View) -> String {
        let around: [UInt8] = [0x20, 0x09, UInt8(ascii: "\""), UInt8(ascii: "'")]
        var text = text
        while let first = text.first, around.contains(first) { text.removeFirst() }
        while let last = text.last, around.contains(last) { text.removeLast() }
        return Substring(text).lowercased()
    }
}
