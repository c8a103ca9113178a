// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

// A session keeps the cookies of responses from task to task. It also keeps the cookies of redirects, but not
// the cookies of interim responses.

extension Transfer {
    /// Sets the cookies of the request that is about to be sent: the user's cookies, then the cookies that
    /// the session has for the URL.
    ///
    /// A cookie of the session is left out if a user's cookie has the same name.
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

    /// Stores the cookies of the last response in `session`, if the header of this response is complete.
    func takeCookies(for session: SessionCookies) {
        let fields = response.takeCookieFields()
        if let cookieURL, !fields.isEmpty { session.take(fields, from: cookieURL) }
    }
}
