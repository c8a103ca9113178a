// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

extension Transfer {
    /// Notes whether a request goes to an HTTP proxy; sets the parts of a request that libcurl would change.
    ///
    /// For an HTTP proxy, libcurl writes http URLs anew, and omits the question mark of an empty query. So
    /// the exact URL is set if it ends with a question mark. The exact URL is also set if libcurl got a
    /// stand-in for the host (`URLParts.setStandIn`). A stand-in also needs a `Host` field.
    func setTarget(_ url: TargetURL, _ options: CommonOptions) {
        asksProxy = options.hasHTTPProxy && url.scheme == .http
        if hasOwnTarget {
            hasOwnTarget = false
            unsafe ccurl_set_text(easy, CURLOPT_REQUEST_TARGET, nil)
        }
        guard hasStandIn || url.text.last == UInt8(ascii: "?") else { return }
        isAltered = true
        if asksProxy {
            hasOwnTarget = true
            setText(CURLOPT_REQUEST_TARGET, url.text)
        }
        let old = fields ?? options.headers
        guard hasStandIn, !old.contains(where: \.isHost) else { return }
        setFields(old + [url.hostField])
    }
}
