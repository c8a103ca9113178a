// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

// The cookies of a session. Those that a response sets are taken when its request ends, whether or not a
// redirect follows. Each request is given those that are for its URL.

extension Transfer {
    /// Gives the request that is about to be sent its cookies: those of the session behind the user's own.
    ///
    /// The user's own are gone where a redirect has left their origin.
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

    /// Takes the cookies that the last response has set.
    func takeCookies(for session: SessionCookies) {
        let fields = answer.takeCookieFields()
        if let cookieURL, !fields.isEmpty { session.take(fields, from: cookieURL) }
    }
}
