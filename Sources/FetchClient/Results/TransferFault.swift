// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

/// The facts about a failed transfer that determine its error.
struct TransferFault {
    /// The result code of libcurl.
    var code: CURLcode
    /// The error text of libcurl; empty if there is none.
    var text: String
    /// The reason why the client refused a peer or ended the transfer; `nil` if there is none.
    var refusal: TaskError?
    /// True if a request could be sent (CURLINFO_PRETRANSFER_TIME_T above 0).
    var wasReadyToSend: Bool
    /// True if the task was redirected before the failed request.
    var wasRedirected: Bool
    /// True if the last response had begun and its header was incomplete.
    var wasInHeader = false
    /// True if the last response had begun.
    var wasInResponse = false
    /// True if libcurl made no new connection for the last request.
    var wasReused = false
    /// The name of the proxy; `nil` if there is no proxy.
    var proxyName: String?
    /// True if the last request lasted at least a second and got no TCP connection.
    ///
    /// With a proxy, this is the connection to the proxy. Within the first second, one lost packet can
    /// prevent a connection (RFC 6298 §2.1).
    var lacksConnection = false
    /// True if the last attempt to make a TLS connection to the proxy failed.
    var isOfProxysTLS = false
    /// True if the system refused a connection over IPv4 because no local port was left (connect(2),
    /// EADDRNOTAVAIL).
    var lacksPort = false

    /// Returns true if the text of libcurl contains `part`.
    ///
    /// Some codes stand for several failures. Only the text distinguishes these failures.
    func says(_ part: String) -> Bool { text.contains(part) }

    /// True if requests go through a proxy.
    var usesProxy: Bool { proxyName != nil }

    /// True if the name of the proxy was not found.
    ///
    /// If the name of a SOCKS proxy is not found, libcurl 7.88 reports CURLE_COULDNT_RESOLVE_HOST. With a
    /// `socks5` URL of the proxy, libcurl also looks up the hosts of URLs. If such a host is not found,
    /// libcurl reports the same code. Only the text shows which name was not found.
    var isOfProxysName: Bool {
        if code == CURLE_COULDNT_RESOLVE_PROXY { return true }
        guard code == CURLE_COULDNT_RESOLVE_HOST, let proxyName else { return false }
        func withoutDot(_ name: Substring) -> Substring { name.last == "." ? name.dropLast() : name }
        return text.split(separator: " ").contains { withoutDot($0) == withoutDot(proxyName[...]) }
    }
}
