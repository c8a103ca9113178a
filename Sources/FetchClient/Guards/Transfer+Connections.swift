// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import FetchModel
import Glibc
import Platform

// Bytes that arrive on an idle connection are not a response to the next request. So a client should close
// the connection (RFC 9112 §9.2). libcurl 7.88 only checks that the connection is open. Later versions close
// the connection.

extension Transfer {
    /// Notes that a connection is being made for this transfer.
    func noteOpened(_ socket: Int32) {
        interests.opened(socket)
        opened.append(socket)
        response.withdrawRefusal()
        sharedConnection = nil
        isConnecting = true
        if requests > 0 { noteRepetition() }
        attachErrorText()
    }

    /// Notes that the system refused to open a socket; `number` is the system's error number.
    ///
    /// If no descriptor or no memory is left for a socket, `response` gets a refusal, because the host is not
    /// at fault.
    func noteNoSocket(_ number: Int32) {
        switch number {
        case EMFILE, ENFILE:
            let message = "too many open files: no descriptor is left for a connection"
            response.refuse(TaskError(.oom, message, isRetryable: true))
        case ENOBUFS, ENOMEM:
            response.refuse(TaskError(.oom, "the system has no memory for a connection", isRetryable: true))
        default: break
        }
    }

    /// Checks the connection on which a request is about to be sent; returns false if the transfer must end.
    ///
    /// libcurl can choose an HTTP/1 connection that another transfer uses, if the last new connection to the
    /// host used HTTP/2. The responses would then go to the wrong tasks. In this case the transfer ends, and
    /// the client begins the request again on a new connection.
    ///
    /// The client also begins the request again if the request is limited to HTTP/1, but libcurl has chosen
    /// an HTTP/2 connection. The same holds if requests time out on the chosen HTTP/2 connection
    /// (`SocketInterests.noteTimeOut`). libcurl would choose this connection for each new request to the
    /// host.
    ///
    /// A reused HTTP/1 connection with unread input is replaced by a closed connection. libcurl then cannot
    /// send the request, treats the connection as dead, and repeats the request on a new connection. If the
    /// replacement fails, the transfer ends with an error.
    func checkConnection(_ connection: SocketInterests.Connection) -> Bool {
        isConnecting = false
        sharedConnection = nil
        attachErrorText()
        if opening == .first { interests.ready.append(slot) }
        let made = unsafe easy.long(CURLINFO_NUM_CONNECTS)
        guard made == connectsBefore else {
            connectsBefore = made
            interests.note(connection, among: opened)
            opened.removeAll(keepingCapacity: true)
            let socket = interests.socket(of: connection)
            if let socket, connectLimit > unacknowledgedLimit {
                limitUnacknowledged(socket, milliseconds: unacknowledgedLimit)
            }
            guard target?.scheme == .https else { return true }
            let isHTTP2 = unsafe ccurl_may_speak_http2(easy) != 0
            if isHTTP1 == false, !isHTTP2 { interests.http1Hosts.insert(host) }
            if let socket { use(socket, of: connection, isHTTP2: isHTTP2) }
            return true
        }
        guard let socket = interests.socket(of: connection) else { return true }
        if target?.scheme == .https {
            let isHTTP2 = unsafe ccurl_may_speak_http2(easy) != 0
            let isUnfit =
                isHTTP2
                ? isHTTP1 == true || interests.isSilent(socket) : interests.isInUse(socket, by: self)
            if isUnfit {
                mustBeginAgain = true
                requests -= 1
                return false
            }
            use(socket, of: connection, isHTTP2: isHTTP2)
            // Unread input is normal over HTTP/2: for example a PING, or a response to another request.
            if isHTTP2 { return true }
        }
        guard clinux_has_input(socket) != 0 else { return true }
        guard interests.sever(socket) else {
            let message = "unexpected bytes arrived on the idle connection"
            response.refuse(TaskError(.reset, message, isRetryable: true))
            return false
        }
        isAltered = true
        // Other idle connections to the host may have unread input too.
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
        detachErrorText()
        return true
    }

    /// Notes that the request begins on a TLS connection.
    private func use(_ socket: Int32, of connection: SocketInterests.Connection, isHTTP2: Bool) {
        interests.use(socket, by: self)
        guard isHTTP2 else { return }
        (sharedConnection, sent) = (connection, MonotonicClock.milliseconds())
    }

    /// Returns true unless `line` is a status line that claims HTTP/2 on a connection of HTTP/1.
    ///
    /// libcurl believes such a line, and would then send several requests at once on each connection to the
    /// host. Their responses would go to the wrong tasks. So the transfer ends with an error.
    ///
    /// Other requests to the host are safe. Without TLS, all requests are limited to HTTP/1, with which
    /// libcurl never shares a connection. With TLS, later requests to the host are limited to HTTP/1, and
    /// `checkConnection` checks the requests that libcurl has already begun.
    func isOfConnectionsVersion(_ line: UnsafeRawBufferPointer) -> Bool {
        guard response.isAtFirstLine, unsafe line.starts(with: Self.falseVersion),
            unsafe ccurl_may_speak_http2(easy) == 0
        else {
            return true
        }
        let message = "the status line names HTTP/2, but the connection uses HTTP/1.1"
        response.refuse(TaskError(.protocol, message))
        return false
    }

    private static let falseVersion = Array("HTTP/2".utf8)

    /// Returns true, at most once for each task, if the failed request must begin again over HTTP/2.
    ///
    /// This is so if HTTP/2 is allowed, the host seems to speak no HTTP/1, and the request has a body and is
    /// unsent or repeatable.
    ///
    /// If the header of such a request is too long for HTTP/2, the function returns false, and `response`
    /// gets a refusal. Without a body, a request with such a header gets this refusal too.
    ///
    /// Some servers that speak only HTTP/2 end the handshake with the alert `no_application_protocol` (RFC
    /// 7301 §3.2). Other servers accept the handshake and send HTTP/2, which libcurl treats as HTTP/0.9.
    func mustTryHTTP2(after code: CURLcode, _ options: CommonOptions) -> Bool {
        guard code == CURLE_SSL_CONNECT_ERROR || code == CURLE_UNSUPPORTED_PROTOCOL,
            target?.scheme == .https, isHTTP1 == true, !needsHTTP2, !options.isHTTP1Only
        else { return false }
        let isLong = hasLongHeader(options)
        guard sendsBody || isLong else { return false }
        let isRefused = code == CURLE_SSL_CONNECT_ERROR && requests == 0 && says("no application protocol")
        let isMisread = code == CURLE_UNSUPPORTED_PROTOCOL && isRepeatable && says("HTTP/0.9")
        if isLong, isRefused || isMisread {
            let message =
                "the host speaks only HTTP/2, in which URL and header fields of more than \(Self.longHeader) bytes cannot be sent"
            response.refuse(TaskError(.protocol, message))
            return false
        }
        needsHTTP2 = isRefused || isMisread
        return needsHTTP2
    }

    private func says(_ text: String) -> Bool { failureText.contains(text) }

    /// Limits the request to HTTP/1, or allows HTTP/2 over TLS.
    func setVersion(isHTTP1: Bool) {
        guard isHTTP1 != self.isHTTP1 else { return }
        self.isHTTP1 = isHTTP1
        let version = isHTTP1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS
        unsafe ccurl_set_long(easy, CURLOPT_HTTP_VERSION, version)
    }

    /// Prevents libcurl from writing an error text for the expected failure to send the request.
    ///
    /// libcurl keeps only the first error text of a transfer.
    private func detachErrorText() {
        hasErrorText = false
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, nil)
    }
}
