// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel

/// What came of one task: what the record repeats of it, and the response where one is wanted.
package struct FetchResult: Sendable {
    /// What the caller named the task when it was begun.
    package var token: Int
    /// The final status, where one came.
    package var status: Int?
    /// Why the fetch did not end `ok`.
    package var error: TaskError?
    /// What `Retry-After` asks for, in seconds; read where the status is an error's.
    package var retryAfterSeconds: Int?
    /// True if any request left this machine, or may have, and its server has not said that it has let it be.
    package var wasSent = true
    /// The URL after redirects, where an answer came.
    package var finalURL: [UInt8] = []
    /// Redirects followed.
    package var redirects = 0
    /// `1.0`, `1.1` or `2`.
    package var httpVersion: StaticString?
    /// The address of the last peer; empty if none was reached.
    package var remoteIP = ""
    /// The value of `Content-Type`.
    package var contentType: String?
    /// The body's bytes as they came.
    package var wireBytes = 0
    /// The body's bytes after decoding.
    package var bodyBytes = 0
    /// How long things took.
    package var timing = FetchTiming()
    /// Whether the peer's certificate went unchecked.
    package var isInsecure = false
    /// The final response's header fields, names in lower case; only where responses are wanted.
    package var headers: [HeaderField] = []
    /// The decoded body; `nil` where responses are not wanted, and where the status is not 2xx.
    package var body: [UInt8]?

    init(token: Int) {
        self.token = token
    }
}

/// How long the phases of a fetch took, in microseconds, redirects included.
///
/// A phase that did not happen, as on a connection used again, is `nil`.
package struct FetchTiming: Hashable, Sendable {
    /// Looking up the name.
    package var dns: Int?
    /// Connecting, without the look-up.
    package var connect: Int?
    /// The TLS handshake.
    package var tls: Int?
    /// From the start to the first byte of the answer.
    package var firstByte: Int?
    /// From the start to the end.
    package var total: Int?
}
