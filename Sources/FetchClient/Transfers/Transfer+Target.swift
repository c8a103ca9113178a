// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

extension Transfer {
    /// Asks a proxy for the URL as it is, where libcurl would write it anew and change it.
    ///
    /// libcurl leaves out the question mark of an empty query, and knows no host with odd characters. Without a
    /// proxy it sends path and query as they are.
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
