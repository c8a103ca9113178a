// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms

/// A site whose pages need a login.
///
/// `POST /login` with the right password sets a cookie for `/pages` and redirects to its first page; a page
/// without the cookie is a 403. `/set?FIELD` sets a cookie, `/status?STATUS!FIELD` also sends a status, and
/// `/there?URL!FIELD` also redirects. `/many` sets 200 cookies. `/cookies` returns the cookies of the
/// request, and `/hang` sends no response.
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

    /// The address of the site, with a host name of this machine.
    func base(_ host: String = "127.0.0.1") -> String { "http://\(host):\(server.port)" }

    /// The task that logs in.
    func login(_ host: String = "127.0.0.1") -> String {
        let type = "application/x-www-form-urlencoded"
        return
            #"{"url":"\#(base(host))/login","method":"POST","headers":{"Content-Type":"\#(type)"},"body":"password=open"}"#
    }
}
