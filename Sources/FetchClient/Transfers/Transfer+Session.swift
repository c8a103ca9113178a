// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

// A session keeps the cookies of responses from task to task. When a request ends, the session gets the
// cookies of its last response, even if a redirect follows. Each request sends the session's cookies for its
// URL.

extension Transfer {
    /// Sets the cookies of the request that is about to be sent: the user's cookies, then the session's
    /// cookies.
    ///
    /// After a redirect to another origin, the user's cookies are no longer sent.
    func setCookies(of session: SessionCookies) {
        guard let target else { return }
        let url = CookieURL(target)
        cookieURL = url
        if let field = session.field(for: url, beside: cookie) {
            setText(CURLOPT_COOKIE, field)
        } else {
            unsafe ccurl_set_text(easy, CURLOPT_COOKIE, nil)
        }
    }

    /// Stores the cookies of the last response in `session`.
    func takeCookies(for session: SessionCookies) {
        let fields = answer.takeCookieFields()
        if let cookieURL, !fields.isEmpty { session.take(fields, from: cookieURL) }
    }
}
