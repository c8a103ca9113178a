// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

// What the guards are told of a transfer: by libcurl's callbacks, and once a tick by the client.

extension Transfer {
    /// Whether a connection may be made to a peer; if not, the answer's refusal says why.
    func mayConnect(to peer: IPAddress?) -> Bool {
        guard let refusal = peers.refusal(of: peer) else { return true }
        answer.refuse(refusal)
        return false
    }

    /// Notes that a request is about to go to a peer, and says whether it may.
    func maySendRequest(to peer: IPAddress?) -> Bool {
        if let refusal = peers.meet(peer) {
            answer.refuse(refusal)
            return false
        }
        // What an address before this one was refused for does not matter any more.
        answer.beginRequest()
        speed.begin()
        firstByteBefore = firstByteTime
        (isRedirectNoted, requests) = (false, requests + 1)
        if requests > 1 { noteRepeat() }
        if checksNoCertificates { noteTLS() }
        if cookie != nil { keepCookieAtItsOrigin() }
        return true
    }

    /// Looks whether libcurl sends the request again, because the connection that it had used again was closed meanwhile.
    ///
    /// One more try gets a new connection then, since those that are kept may have been closed as well.
    private func noteRepeat() {
        guard unsafe requests > easy.long(CURLINFO_REDIRECT_COUNT) + 1 else { return }
        isAltered = true
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
    }

    private func noteTLS() {
        // In capital letters, up to some version of libcurl.
        if unsafe easy.text(CURLINFO_SCHEME)?.lowercased() == "https" { usedTLS = true }
    }

    /// Notes a tick of the client; returns whether the transfer is to end, and if so, the answer's refusal says why.
    func isOverdue(now: Int) -> Bool {
        if let deadline, deadline <= now {
            let message = "the fetch took longer than its time-out"
            answer.refuse(TaskError(.timeoutTotal, message, isRetryable: true))
            return true
        }
        return isTooSlow()
    }

    /// Moves the time-outs by the milliseconds in which the client stood still.
    ///
    /// libcurl heeds the new ones where it looks, but has set its timers already and does not look again by itself, so
    /// the end of all comes by the client's tick.
    func excuse(_ gap: Int, _ options: CommonOptions) {
        timeout += gap
        excused += gap
        deadline = begun + timeout
        unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, max(timeout - held, 1))
        unsafe ccurl_set_long(
            easy,
            CURLOPT_CONNECTTIMEOUT_MS,
            max(options.connectTimeout + excused - held, 1)
        )
        isAltered = true
    }

    private func isTooSlow() -> Bool {
        guard endsSlowAnswer else { return false }
        guard hasFirstByte, !answer.isInterim else {
            speed.begin()
            return false
        }
        let bytes = unsafe answer.headerBytes + easy.offset(CURLINFO_SIZE_DOWNLOAD_T)
        guard speed.isTooSlow(bytes: bytes) else { return false }
        let message = "less than 100 bytes a second came in for 10 s"
        answer.refuse(TaskError(.lowSpeed, message, isRetryable: true))
        return true
    }

    /// Whether the answer to the last request has begun to come.
    var hasFirstByte: Bool { firstByteTime != firstByteBefore }

    /// When the first byte of the last answer came, in microseconds since the start; of an earlier one, or 0, before.
    private var firstByteTime: Int { unsafe easy.offset(CURLINFO_STARTTRANSFER_TIME_T) }
}
