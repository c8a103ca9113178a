// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

extension Transfer {
    /// Sets the exact URL for a proxy if libcurl would change it, and the `Host` field for a stand-in host.
    ///
    /// For a proxy, libcurl writes the URL anew and omits the question mark of an empty query. libcurl also
    /// refuses hosts with unusual characters, so libcurl gets a stand-in host. Without a proxy, libcurl sends
    /// path and query unchanged.
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
