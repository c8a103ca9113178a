// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
import PoolWire
package import Spool

extension FetchResult {
    /// Returns the response for processing; `nil` if the result has no status or no body.
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
            charset: charset,
            bytes: body.count,
            body: place
        )
    }

    /// The charset that the `Content-Type` fields of `headers` name, in lower case; `nil` if they name none.
    ///
    /// If `headers` has no such field, `contentType` is read.
    private var charset: String? {
        let fields = headers.filter { $0.name == "content-type" }.map(\.value)
        return MediaType(values: fields.isEmpty ? contentType.map { [$0] } ?? [] : fields)?.charset
    }
}
