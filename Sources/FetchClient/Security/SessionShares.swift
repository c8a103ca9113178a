// SPDX-License-Identifier: MIT
// fetchpool

import CCurl

/// The TLS sessions that later connections to the same host resume, whichever transfer makes them (RFC 8446
/// §2.2).
///
/// libcurl keeps sessions for each transfer, or in a share for all transfers that use the share. But a share
/// holds only 8 sessions (25 from 8.12 on): the ninth host's session replaces the first one's. So there are
/// many shares, and a host always has the same one. libcurl finds a session by host, port and all options of
/// the connection, so a session is never used for another purpose.
///
/// One thread uses the shares, so they need no locks (CURLSHOPT_LOCKFUNC(3)).
@safe
final class SessionShares {
    /// The number of shares, a power of two.
    private static let count = 128
    /// The shares, one for each remainder of a host's key; made on first use.
    private var shares = unsafe [UnsafeMutableRawPointer?](repeating: nil, count: count)

    /// The kinds of data that the shares hold.
    private let contents: [curl_lock_data]
    /// Notified of each closed connection, even while the shares are being freed; so this object keeps it
    /// alive.
    private let interests: SocketInterests

    /// Makes an empty table of shares.
    ///
    /// With `connections`, the shares also hold connections. Transfers without such a share use the
    /// connections of their multi handle.
    init(_ interests: SocketInterests, connections: Bool = false) {
        self.interests = interests
        contents =
            connections ? [CURL_LOCK_DATA_SSL_SESSION, CURL_LOCK_DATA_CONNECT] : [CURL_LOCK_DATA_SSL_SESSION]
    }

    /// Returns the share for the key of a host; `nil` if memory runs out.
    func share(of key: Int) -> UnsafeMutableRawPointer? {
        let index = key & (Self.count - 1)
        if let share = unsafe shares[index] { return unsafe share }
        guard let share = unsafe curl_share_init() else { return nil }
        for what in contents { unsafe _ = ccurl_share(share, what) }
        unsafe shares[index] = unsafe share
        return unsafe share
    }

    /// Frees the shares; no handle may use one any more.
    deinit {
        for index in 0..<Self.count {
            if let share = unsafe shares[index] { unsafe _ = curl_share_cleanup(share) }
        }
    }
}
