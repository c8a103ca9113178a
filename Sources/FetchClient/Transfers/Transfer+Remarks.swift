// SPDX-License-Identifier: MIT
// fetchpool

import CCurl

// libcurl reports the HTTP/2 frame `GOAWAY` only in its debug messages. The client needs this report only for
// a request that must not be sent twice.

extension Transfer {
    /// Makes libcurl pass its debug messages to the transfer.
    func listenToRemarks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_debug_callback(easy, hearRemark)
        unsafe ccurl_set_pointer(easy, CURLOPT_DEBUGDATA, context)
        unsafe ccurl_set_long(easy, CURLOPT_VERBOSE, 1)
    }

    /// Sets `wasLeftAlone` if a debug message reports a `GOAWAY` that excludes all requests.
    ///
    /// The frame names the last request that the server may have processed; 0 means none (RFC 9113 §6.8).
    /// libcurl's message is `received GOAWAY, error=0, last_stream=0` (7.88 misspells the first word).
    func noteRemark(_ text: String) {
        guard text.contains("GOAWAY"), text.split(whereSeparator: \.isWhitespace).last == "last_stream=0"
        else {
            return
        }
        wasLeftAlone = true
    }

    /// True if the server may have processed a request: a request was sent, and no `GOAWAY` excluded it.
    ///
    /// A `GOAWAY` excludes only a request that libcurl has sent once and that got no response. After a
    /// redirect the value is always true, because an earlier request got a response.
    var mayHaveBeenProcessed: Bool {
        !chain.hops.isEmpty || requests > 0 && !(wasLeftAlone && requests == 1 && response.status == 0)
    }
}
