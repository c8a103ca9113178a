// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms

/// A site whose pages need a login.
///
/// `POST /login` with the right password sets a cookie for `/pages` and redirects to `/pages/0`; any other
/// request for `/login` gets the status 403. `/set?FIELD` responds with the field `Set-Cookie: FIELD`.
/// `/status?STATUS!FIELD` sends `Set-Cookie: FIELD` with a status such as `404 Not Found`. `/there?URL!FIELD`
/// sends `Set-Cookie: FIELD` with a redirect to `URL`. The queries of these three paths are percent-encoded.
/// `/many` sets 200 cookies. `/cookies` returns the cookies of the request, as `{"c":"…"}`. `/hang` sends no
/// response. Any other path is a page. The status of a page is 200 if the cookie of the login is the
/// request's only cookie; otherwise the status is 403.
struct SessionSite {
    static let secret = "s3cr3t-value"
    let server: ScriptedServer

    init() throws {
        server = try ScriptedServer { request, peer in
            let cookies = request.values("cookie").joined(separator: "|")
            let words = request.target.split(separator: "?", maxSplits: 1).map(String.init)
            let query = words.count > 1 ? words[1].removingPercentEncoding ?? "" : ""
            switch words[0] {
            case "/login":
                guard request.method == "POST", request.body == Array("password=open".utf8) else {
                    return peer.respond("403 Forbidden") ? .keep : .close
                }
                peer.respond(
                    "302 Found",
                    "Location: /pages/0",
                    "Set-Cookie: sid=\(Self.secret); Path=/pages; HttpOnly; SameSite=Strict"
                )
            case "/set": peer.respond("200 OK", "Set-Cookie: \(query)")
            case "/there":
                let parts = query.split(separator: "!").map(String.init)
                peer.respond("302 Found", "Location: \(parts[0])", "Set-Cookie: \(parts[1])")
            case "/status":
                let parts = query.split(separator: "!").map(String.init)
                peer.respond(parts[0], "Set-Cookie: \(parts[1])")
            case "/many":
                let fields = (1...200).map { "Set-Cookie: n\($0)=1; Path=/" }.joined(separator: "\r\n")
                peer.respond("200 OK", fields)
            case "/cookies":
                peer.respond(
                    "200 OK",
                    "Content-Type: application/json",
                    body: Array("{\"c\":\"\(cookies)\"}".utf8)
                )
            case "/hang":
                peer.waitForEnd()
                return .close
            default:
                let isKnown = cookies == "sid=\(Self.secret)"
                peer.respond(isKnown ? "200 OK" : "403 Forbidden", body: Array("page".utf8))
            }
            return .keep
        }
    }

    /// Returns the URL of the site, without a slash at its end; `host` is a name or an address of this
    /// machine.
    func base(_ host: String = "127.0.0.1") -> String { "http://\(host):\(server.port)" }

    /// Returns the input line of a task that logs in.
    func login(_ host: String = "127.0.0.1") -> String {
        let type = "application/x-www-form-urlencoded"
        return
            #"{"url":"\#(base(host))/login","method":"POST","headers":{"Content-Type":"\#(type)"},"body":"password=open"}"#
    }
}
