// SPDX-License-Identifier: MIT
// fetchpool

/// `/cookie`: sets a cookie and leads on to a page that shows what came with the next request.
enum CookieRoutes {
    static var all: [String: Route] { ["cookie": { request, _ in cookie(request) }] }

    /// The page is `/echo` of this server, or what `url` says: an echo under another name or port is another origin.
    private static func cookie(_ request: Request) -> Reply {
        var reply = Reply.redirect(to: request.query("url") ?? "/echo")
        reply.fields.append(HeaderField(name: "Set-Cookie", value: "crumb=fixture; Path=/"))
        return reply
    }
}
