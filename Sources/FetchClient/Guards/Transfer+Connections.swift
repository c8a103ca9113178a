// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import FetchModel

// What came in on a connection that nobody had asked anything on is no answer to the next request: the connection
// must be closed (RFC 9112 §9.2). Later versions of libcurl see to that themselves; 7.88 looks only for its end.

extension Transfer {
    /// Notes that a connection is being made for this transfer.
    func noteOpened(_ socket: Int32) {
        interests.opened(socket)
        opened.append(socket)
        isConnecting = true
        attachErrorText()
    }

    /// Looks at the connection that a request is about to be sent on; returns whether to go on.
    ///
    /// A connection that was used before, and has input, is exchanged for one that was closed. So libcurl cannot send
    /// anything on it, finds that it has died meanwhile, and begins the request again on another.
    func checkConnection(_ connection: SocketInterests.Connection) -> Bool {
        isConnecting = false
        attachErrorText()
        if opening == .first { interests.ready.append(slot) }
        let made = unsafe easy.long(CURLINFO_NUM_CONNECTS)
        guard made == connectsBefore else {
            // A redirect led to a host that nobody was told of.
            if requests > 1, let handle { interests.redirected.append(handle) }
            connectsBefore = made
            interests.note(connection, among: opened)
            opened.removeAll(keepingCapacity: true)
            return true
        }
        guard let socket = interests.socket(of: connection) else { return true }
        guard clinux_has_input(socket) != 0 else { return true }
        // HTTP/2 says on idle connections what concerns the whole connection.
        guard unsafe ccurl_may_speak_http2(easy) == 0 else { return true }
        guard interests.sever(socket) else {
            let message = "bytes that nobody had asked for came on the idle connection"
            answer.refuse(TaskError(.reset, message, isRetryable: true))
            return false
        }
        isAltered = true
        // Others that are idle may have got the same.
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
        detachErrorText()
        return true
    }

    /// Keeps libcurl from writing a text about a failure that is none; of several it keeps the first.
    private func detachErrorText() {
        hasErrorText = false
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, nil)
    }
}
