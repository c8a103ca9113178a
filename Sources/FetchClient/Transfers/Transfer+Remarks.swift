// SPDX-License-Identifier: MIT
// fetchpool

import CCurl

// Facts about a request that may not be sent twice, which libcurl tells in its remarks alone.

extension Transfer {
    /// Has libcurl's remarks noted, which it else prints nowhere.
    func listenToRemarks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_debug_callback(easy, hearRemark)
        unsafe ccurl_set_pointer(easy, CURLOPT_DEBUGDATA, context)
        unsafe ccurl_set_long(easy, CURLOPT_VERBOSE, 1)
    }

    /// Takes one remark.
    ///
    /// `GOAWAY` names the last request that was or might be processed, and 0 is none (RFC 9113 §6.8). libcurl has no code for it. Its
    /// remark reads `received GOAWAY, error=0, last_stream=0` (7.88 misspells the first word); another wording is no news.
    func noteRemark(_ text: String) {
        guard text.contains("GOAWAY"), text.split(whereSeparator: \.isWhitespace).last == "last_stream=0"
        else {
            return
        }
        wasLeftAlone = true
    }

    /// True if the request may have been processed: it was sent, and the server has not said that it has let it be.
    ///
    /// After a redirect the server's word is about the last request, and an earlier one was answered.
    var mayHaveBeenProcessed: Bool {
        requests > 0 && !(wasLeftAlone && requests == 1 && answer.status == 0)
    }
}
