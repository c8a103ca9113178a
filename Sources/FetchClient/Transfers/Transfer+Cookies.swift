// SPDX-License-Identifier: MIT
// fetchpool

import CCurl

extension Transfer {
    /// Lets the next request bear the user's own cookies only if it goes where the first one went.
    ///
    /// The cookies that redirects set have rules of their own, which libcurl keeps (RFC 6265 §5.4).
    func keepCookieAtItsOrigin() {
        guard let cookie, unsafe easy.long(CURLINFO_REDIRECT_COUNT) > 0 else { return }
        // The next task's shall be sent again.
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
