// SPDX-License-Identifier: MIT
// fetchpool

import CCurl

/// A table of TLS sessions that later connections to their hosts can resume (RFC 8446 §2.2).
///
/// A share (libcurl-share(3)) holds only 8 sessions (from libcurl 8.12 on, the sessions of 25 hosts). So
/// there are many shares, and a host always uses the same share.
///
/// One thread uses the shares, so they need no locks (CURLSHOPT_LOCKFUNC(3)).
@safe
final class SessionShares {
    /// The number of shares, a power of two.
    private static let count = 128
    /// The shares, one for each remainder of a host's key divided by `count`; each is created on first use.
    private var shares = unsafe [UnsafeMutableRawPointer?](repeating: nil, count: count)

    /// The kinds of data that the shares hold.
    private let contents: [curl_lock_data]
    /// The object that is notified of closed connections.
    ///
    /// Connections also close while the shares are being freed. So this property keeps the object alive until
    /// the shares are freed.
    private let interests: SocketInterests

    /// Creates an empty table of shares.
    ///
    /// If `connections` is true, the shares also hold connections.
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

    /// Frees the shares, which no handle uses any more.
    deinit {
        for index in 0..<Self.count {
            if let share = unsafe shares[index] { unsafe _ = curl_share_cleanup(share) }
        }
    }
}
