// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// Keys by which the client knows hosts.
enum HostHash {
    /// The key of the host and port that a URL names, where the port is not its scheme's own.
    ///
    /// It is a hash that no server can foresee (Hasher). Two hosts with the same key share what is kept of
    /// hosts, which does no harm.
    static func key(of url: TargetURL) -> Int {
        var hasher = Hasher()
        let range = url.authority
        unsafe url.text.withUnsafeBytes { bytes in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
        return hasher.finalize()
    }
}
