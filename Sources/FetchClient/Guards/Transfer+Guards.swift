// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

// The checks of a running transfer.

extension Transfer {
    /// Returns true if a connection to a peer is allowed (`PeerRules.refusal(of:)`).
    ///
    /// If the connection is not allowed, and no socket was opened for another address of the host, `response`
    /// gets a refusal with the reason. If such a socket was opened, only the failure of its connection is an
    /// error.
    func mayConnect(to peer: IPAddress?) -> Bool {
        guard let refusal = peers.refusal(of: peer) else { return true }
        if opened.isEmpty { response.refuse(refusal) }
        return false
    }

    /// Notes that a request is about to go to a peer; returns true if the request may be sent.
    ///
    /// If the request may not be sent, `response` gets a refusal with the reason.
    func maySendRequest(to peer: IPAddress?) -> Bool {
        if let refusal = peers.meet(peer) {
            response.refuse(refusal)
            return false
        }
        if requests > 0, !isRepeatable || response.status == 417, response.isHeaderWhole {
            // After the error HTTP_1_1_REQUIRED (RFC 9113 §7), libcurl repeats even a request that must not
            // be sent twice. If a request has the user's `Expect` field, libcurl repeats the request
            // endlessly after the status 417.
            let message = "the server broke off its response, and the request must not be sent twice"
            response.refuse(TaskError(.reset, message))
            return false
        }
        if let session { setCookies(of: session) }
        // The refusal of an earlier address no longer matters.
        response.beginRequest()
        hasStreamEnd = false
        speed.begin()
        firstByteBefore = firstByteTime
        requests += 1
        if requests > 1 { noteRepeat() }
        if checksNoCertificates { noteTLS() }
        return true
    }

    /// Notes that libcurl repeats a request, for example because the reused connection was closed.
    ///
    /// If libcurl repeats the request once more, this repetition gets a new connection, because the server
    /// may have closed all idle connections.
    private func noteRepeat() {
        isAltered = true
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
    }

    private func noteTLS() {
        // Some versions of libcurl return the scheme in capital letters.
        if unsafe easy.text(CURLINFO_SCHEME)?.lowercased() == "https" { usedTLS = true }
    }

    /// Notes a tick of the client; returns true if the transfer must end.
    ///
    /// If the transfer must end, `response` has a refusal, or is a redirect whose remaining body is not read.
    func isOverdue(now: Int) -> Bool {
        if let deadline, deadline <= now {
            let message = "the fetch took longer than its time-out"
            response.refuse(TaskError(.timeoutTotal, message, isRetryable: true))
            return true
        }
        return response.leadsOn ? endsRedirectBody() : isTooSlow()
    }

    /// Extends the time-outs by the milliseconds in which the client stood still.
    ///
    /// libcurl has already set its timers, so the client's tick enforces the total time-out.
    func excuse(_ gap: Int, _ options: CommonOptions) {
        timeout += gap
        excused += gap
        deadline = begun + timeout
        unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, max(timeout - held, 1))
        unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeout(options))
        isAltered = true
    }

    /// Counts a tick while the rest of a redirect's body is awaited; returns true from the second tick on.
    private func endsRedirectBody() -> Bool {
        chain.ticks += 1
        guard chain.ticks > 1 else { return false }
        response.endRedirectBody()
        return true
    }

    private func isTooSlow() -> Bool {
        guard endsSlowResponse else { return false }
        guard hasFirstByte, !response.isInterim else {
            speed.begin()
            return false
        }
        let bytes = unsafe response.headerBytes + easy.offset(CURLINFO_SIZE_DOWNLOAD_T)
        guard speed.isTooSlow(bytes: bytes) else { return false }
        let message = "less than 1,000 bytes came in 10 s"
        response.refuse(TaskError(.lowSpeed, message, isRetryable: true))
        return true
    }

    /// True once the response to the last request has begun to arrive.
    var hasFirstByte: Bool { firstByteTime != firstByteBefore }

    /// The time of the first byte of the last response, in microseconds since libcurl got the request.
    ///
    /// Before this byte arrives, the value is the time of the previous response's first byte; 0 if there was
    /// no previous response.
    private var firstByteTime: Int { unsafe easy.offset(CURLINFO_STARTTRANSFER_TIME_T) }
}
