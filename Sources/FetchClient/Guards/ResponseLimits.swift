// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The limits of a response, and the parts of the response that are kept.
struct ResponseLimits {
    /// The largest body accepted, in bytes after decoding.
    let maxBodyBytes: Int
    /// The error of a larger body.
    var bodyError: TaskError {
        TaskError(.tooLarge, "the body is larger than the limit of \(maxBodyBytes) bytes")
    }
    /// True if successful responses are kept for processing.
    var wantsResponse: Bool
    /// True if the header is kept for the record.
    var recordsHeaders = false
    /// True if the cookies that responses set are kept for a session.
    var keepsCookies = false
    /// True if content codings are undone; false if the request refused codings.
    var undoesCodings = true
    /// The largest number of header bytes over all responses to one request.
    ///
    /// For a header of more than 300 KB, libcurl 7.88 ends the transfer with the code of a reset connection.
    /// So this limit is lower.
    let maxHeaderBytes = 256 << 10
    /// The largest number of header lines over all responses to one request.
    let maxHeaderLines = 1_000
    /// The largest number of decoded bytes for each received byte, on average over the body.
    let maxRatio = 200
    /// The size of the largest body to which `maxRatio` does not apply, in bytes after decoding.
    let anyRatioBytes = 1 << 20
    /// The largest number of received bytes of an encoded body, and of bytes that pass between its decoders.
    ///
    /// No useful encoding of `maxBodyBytes` bytes is longer than this limit.
    var maxCodedBytes: Int {
        let most = min(maxBodyBytes, .max / 2)
        return most + most / 64 + 64 << 10
    }
    /// The largest number of bytes of memory that are reserved for an announced body before it arrives.
    let maxReservedBytes = 1 << 20
    /// The largest number of bytes in one read of libcurl: CURLOPT_BUFFERSIZE.
    ///
    /// If an HTTP/2 header does not fit into the buffer, libcurl 7.88 passes on the first part and then waits
    /// for an event that never comes.
    let bufferBytes = 272 << 10
    /// True for the response to a HEAD request, which never has a body (RFC 9110 §9.3.2).
    var isOfHEAD = false
    /// True if redirects are followed.
    var followsRedirects = false
    /// The largest part of a redirect's body that is read to keep the connection, in bytes.
    let maxRedirectBytes = 64 << 10
}
