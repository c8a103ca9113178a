// SPDX-License-Identifier: MIT
// fetchpool

import CCurl

/// TLS sessions that are used again for a host's next connection, whichever transfer makes it (RFC 8446
/// §2.2).
///
/// libcurl keeps sessions per transfer, or in a share for all transfers that have it; but a share holds 8 of
/// them (25 from 8.12 on), and the ninth host's takes the first one's place. So there are many shares, and a
/// host always has the same one. libcurl finds a session by host, port, and all that was asked of the
/// connection, so that none is used for anything else.
///
/// One thread uses the shares, hence they need no locks (CURLSHOPT_LOCKFUNC(3)).
@safe
final class SessionShares {
    /// The number of shares, a power of two.
    private static let count = 128
    /// One share for each remainder of a host's key, once it was needed.
    private var shares = unsafe [UnsafeMutableRawPointer?](repeating: nil, count: count)

    /// The kinds of data that are shared.
    private let contents: [curl_lock_data]
    /// Told of each connection that is closed, also when the shares are freed.
    private let interests: SocketInterests

    /// Makes room for shares of sessions; with `connections` of these as well, which all others have by the
    /// multi handle.
    init(_ interests: SocketInterests, connections: Bool = false) {
        self.interests = interests
        contents =
            connections ? [CURL_LOCK_DATA_SSL_SESSION, CURL_LOCK_DATA_CONNECT] : [CURL_LOCK_DATA_SSL_SESSION]
    }

    /// The share of a host, by the key of the host; `nil` without memory.
    func share(of key: Int) -> UnsafeMutableRawPointer? {
        let index = key & (Self.count - 1)
        if let share = unsafe shares[index] { return unsafe share }
        guard let share = unsafe curl_share_init() else { return nil }
        for what in contents { unsafe _ = ccurl_share(share, what) }
        unsafe shares[index] = unsafe share
        return unsafe share
    }

    /// Frees the shares; no handle may have one any more.
    deinit {
        for index in 0..<Self.count {
            if let share = unsafe shares[index] { unsafe _ = curl_share_cleanup(share) }
        }
    }
}
