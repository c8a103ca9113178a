// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

extension Transfer {
    /// Sets the parts of a request that libcurl would otherwise send in a changed form.
    ///
    /// If a request for an http URL goes to a proxy, libcurl writes the whole URL anew, and omits the
    /// question mark of an empty query. This function then sets the exact URL. In all other requests, libcurl
    /// sends path and query unchanged. If libcurl got a stand-in for the host (`URLParts.setStandIn`), this
    /// function also sets the `Host` field, unless the user has set that field.
    func setTarget(_ url: TargetURL, _ options: CommonOptions) {
        if hasOwnTarget {
            hasOwnTarget = false
            unsafe ccurl_set_text(easy, CURLOPT_REQUEST_TARGET, nil)
        }
        guard hasStandIn || url.text.last == UInt8(ascii: "?") else { return }
        isAltered = true
        if options.isProxied, url.scheme == .http {
            hasOwnTarget = true
            setText(CURLOPT_REQUEST_TARGET, url.text)
        }
        let old = fields ?? options.headers
        guard hasStandIn, !old.contains(where: { $0.name.lowercased() == "host" }) else { return }
        let host = String(decoding: url.text[url.authority], as: UTF8.self)
        setFields(old + [HeaderField(name: "Host", value: host)])
    }
}
