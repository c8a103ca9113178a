// SPDX-License-Identifier: MIT
// fetchpool

/// The route `/cookie`: sets a cookie and redirects.
enum CookieRoutes {
    static var all: [String: Route] { ["cookie": { request, _ in cookie(request) }] }

    /// Redirects to the value of `url` in the query; without `url`, to `/echo`, which shows the cookie that
    /// the client sends.
    private static func cookie(_ request: Request) -> Reply {
        var reply = Reply.redirect(to: request.query("url") ?? "/echo")
        reply.fields.append(HeaderField(name: "Set-Cookie", value: "crumb=fixture; Path=/"))
        return reply
    }
}
