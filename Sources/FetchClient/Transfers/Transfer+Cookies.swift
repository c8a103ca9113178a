// SPDX-License-Identifier: MIT
// fetchpool

import CCurl

extension Transfer {
    /// Sends the user's cookies with the next request only if its origin is that of the first request.
    ///
    /// Cookies set by redirects have their own rules, which libcurl applies (RFC 6265 §5.4).
    func keepCookieAtItsOrigin() {
        guard let cookie, unsafe easy.long(CURLINFO_REDIRECT_COUNT) > 0 else { return }
        // The reset after this task restores the cookies for the next task.
        isAltered = true
        let target = unsafe Array((easy.text(CURLINFO_EFFECTIVE_URL) ?? "").utf8)
        let origin = URLOrigin(of: url)
        if origin != nil, URLOrigin(of: target) == origin {
            setText(CURLOPT_COOKIE, cookie)
        } else {
            unsafe ccurl_set_text(easy, CURLOPT_COOKIE, nil)
        }
    }
}
