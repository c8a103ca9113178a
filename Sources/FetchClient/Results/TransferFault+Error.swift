// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

// The switch names every result code of libcurl, even the codes of protocols other than HTTP.

extension TransferFault {
    /// The error for the record of the task.
    var error: TaskError {
        if let refusal { return refusal }
        guard let code = ResultCode(rawValue: code.rawValue) else {
            return unexpected("libcurl reported an unknown error")
        }
        return switch code {
        case .couldntResolveHost, .couldntResolveProxy:
            broken(
                .dns,
                isOfProxysName
                    ? "\(TaskError.lostProxy), because its name was not found" : "the host name was not found"
            )
        case .couldntConnect where lacksPort:
            broken(.oom, "no local port is left for a connection")
        // From 8.21.0 on, libcurl reports a refused CONNECT with this code. Earlier versions use RECV_ERROR.
        case .couldntConnect where says("CONNECT"): noTunnel
        case .couldntConnect, .interfaceFailed, .noConnectionAvailable, .quicConnectError:
            unreachable
        // For a proxy with a `socks5` URL, libcurl itself looks up the host names.
        case .proxy where ["Failed to resolve", "Could not resolve"].contains(where: says):
            failure(.dns, "the host name was not found", isRetryable: true)
        case .proxy where ["No authentication method", "User was rejected"].contains(where: says):
            failure(.connect, TaskError.refusalOfProxy)
        case .proxy: failure(.connect, "the proxy made no connection", isRetryable: true)
        case .sslConnectError: handshakeError
        case .sslEngineNotfound, .sslEngineSetfailed, .sslCertproblem, .sslCipher, .peerFailedVerification,
            .useSslFailed, .sslEngineInitfailed, .sslCacertBadfile, .sslShutdownFailed, .sslCrlBadfile,
            .sslIssuerError, .sslPinnedpubkeynotmatch, .sslInvalidcertstatus, .sslClientcert, .obsolete51,
            .echRequired:
            untrusted
        case .unsupportedProtocol: notHTTP
        case .urlMalformat: urlError
        case .operationTimedout: timeout
        case .recvError: receivingError
        case .gotNothing: broken(.reset, "the server closed the connection without a response")
        case .partialFile where says("not closed cleanly"):
            broken(.reset, "the HTTP/2 connection ended before the response did")
        case .partialFile: broken(.reset, "the body ended before its announced length")
        case .sendError, .sendFailRewind, .uploadFailed:
            broken(.reset, "the connection broke while the request was sent")
        case .http2Stream: broken(.reset, "the server ended the HTTP/2 stream")
        case .http2, .http3: failure(.protocol, "the HTTP/2 connection broke", isRetryable: true)
        case .weirdServerReply: breaksRules
        case .badContentEncoding: failure(.decompress, "the body could not be decompressed")
        case .filesizeExceeded: failure(.tooLarge, "the body is larger than the limit")
        case .outOfMemory: wasInHeader ? longLine : broken(.oom, "libcurl ran out of memory")
        case .tooLarge: longLine
        case .ok: unexpected("libcurl reported an error without a code")
        case .badFunctionArgument, .writeError:
            wasInResponse ? breaksRules : unexpected("libcurl could not carry out the request")
        case .failedInit, .notBuiltIn, .functionNotFound, .unknownOption, .setoptOptionSyntax,
            .recursiveApiCall, .unrecoverablePoll, .tooManyRedirects, .again, .readError, .abortedByCallback,
            .chunkFailed:
            unexpected("libcurl could not carry out the request")
        case .httpReturnedError, .rangeError, .httpPostError, .badDownloadResume, .loginDenied, .authError,
            .remoteAccessDenied:
            unexpected("libcurl refused the response")
        case .ftpAcceptFailed, .ftpWeirdPassReply, .ftpAcceptTimeout, .ftpWeirdPasvReply, .ftpWeird227Format,
            .ftpCantGetHost, .ftpCouldntSetType, .ftpCouldntRetrFile, .quoteError, .ftpPortFailed,
            .ftpCouldntUseRest, .ftpPretFailed, .ftpBadFileList, .fileCouldntReadFile, .ldapCannotBind,
            .ldapSearchFailed, .tftpNotfound, .tftpPerm, .remoteDiskFull, .tftpIllegal, .tftpUnknownid,
            .remoteFileExists, .tftpNosuchuser, .remoteFileNotFound, .ssh, .rtspCseqError, .rtspSessionError:
            unexpected("libcurl reported an error of another protocol")
        case .obsolete20, .obsolete24, .obsolete29, .obsolete32, .obsolete40, .obsolete44, .obsolete46,
            .obsolete50, .obsolete57, .obsolete62, .obsolete75, .obsolete76:
            unexpected("libcurl reported an error code that is no longer in use")
        }
    }

    /// The error of a TLS handshake that failed.
    ///
    /// If the connection ended without a TLS message, the cause may be something other than an untrusted
    /// certificate. A retry may then help.
    private var handshakeError: TaskError {
        // With OpenSSL 3, newer versions of libcurl give only OpenSSL's own text for the end of a connection.
        ["SSL_ERROR_SYSCALL", "reset by peer", "unexpected eof"].contains(where: says)
            ? broken(
                .reset,
                isOfProxysTLS
                    ? "the connection was closed during the TLS handshake with the proxy"
                    : "the connection was closed during the TLS handshake"
            ) : untrusted
    }

    private var untrusted: TaskError {
        failure(
            .tls,
            isOfProxysTLS
                ? "no trusted TLS connection to the proxy could be made"
                : "no trusted TLS connection could be made"
        )
    }

    private var unreachable: TaskError {
        broken(.connect, usesProxy ? TaskError.lostProxy : "the server could not be reached")
    }

    private var urlError: TaskError {
        wasRedirected
            ? failure(.redirects, "a redirect leads to a location that is not a valid URL")
            : failure(.url, "libcurl does not accept the URL")
    }

    private var timeout: TaskError {
        if usesProxy, lacksConnection, !wasReadyToSend {
            return broken(.timeoutConnect, "\(TaskError.lostProxy) within the time-out")
        }
        // If libcurl repeats a request, it may have to resolve the proxy's name again. Then only the text
        // shows that no connection was ready.
        return wasReadyToSend && !says("Resolving timed out")
            ? tookTooLong : broken(.timeoutConnect, "no connection was ready within the time-out")
    }

    private var tookTooLong: TaskError {
        let sentence = "the fetch took longer than its time-out"
        // After a redirect, libcurl's text would name only the remaining part of the time-out.
        return wasRedirected
            ? TaskError(.timeoutTotal, sentence, isRetryable: true) : broken(.timeoutTotal, sentence)
    }

    /// The error if a proxy refuses a CONNECT, or closes the connection during the CONNECT.
    private var noTunnel: TaskError {
        if says("response 407") { return failure(.connect, TaskError.refusalOfProxy) }
        if says("response 429") { return failure(.connect, TaskError.pauseOfProxy, isRetryable: true) }
        // Proxies also send the status 503 if they cannot reach the host.
        if says("response 503") { return failure(.connect, TaskError.shortageOfProxy, isRetryable: true) }
        // Of the other 4xx statuses, all except 408 and 425 are final (RFC 9110 §15.5.9, RFC 8470 §5.2).
        let isFinal = says("response 4") && !says("response 408") && !says("response 425")
        return failure(.connect, "the proxy made no connection", isRetryable: !isFinal)
    }

    private var receivingError: TaskError {
        if says("CONNECT") { return noTunnel }
        if says("chunk") || says("header") { return breaksRules }
        // libcurl reports -902 (NGHTTP2_ERR_CALLBACK_FAILURE) if it refuses a header of more than 128 KB, or
        // after too many frames (`clinux_begin_frames`). All requests on the connection get this error.
        if says("-902") {
            let sentence =
                "the HTTP/2 connection broke, probably because of a header of more than 128 KB or a flood of frames"
            return failure(.protocol, sentence, isRetryable: true)
        }
        // With TLS 1.3, a server refuses the client's certificate only after the handshake.
        if Self.alertsOfCertificates.contains(where: says) { return untrusted }
        return broken(.reset, "the connection was reset")
    }

    /// OpenSSL's texts for the alerts of RFC 8446 §6.2 that a server sends about the client's certificate.
    private static let alertsOfCertificates = [
        "alert certificate required", "alert bad certificate", "alert unknown ca", "alert access denied",
    ]

    private var notHTTP: TaskError {
        if wasReused, says("HTTP/0.9") {
            // If a server sends more than the announced body, the surplus bytes look like the next response.
            // A new connection has no surplus bytes.
            let message = "unexpected bytes arrived on a connection that was used before"
            return TaskError(.reset, message, isRetryable: true)
        }
        return firstLineError
    }

    private var firstLineError: TaskError {
        says("HTTP/0.9") || text.isEmpty
            ? failure(.protocol, "the server did not respond in HTTP")
            : failure(
                .protocol,
                "the first line of the response is not a status line of HTTP/1.0 or HTTP/1.1"
            )
    }

    private var breaksRules: TaskError { failure(.protocol, "the response breaks the rules of HTTP") }

    /// The error for a header line of more than 100 KB.
    ///
    /// libcurl 7.88 reports such a line as a failed allocation.
    private var longLine: TaskError { failure(.protocol, "the header has a line of more than 100 KB") }

    private func broken(_ errorClass: ErrorClass, _ sentence: String) -> TaskError {
        failure(errorClass, sentence, isRetryable: true)
    }

    private func unexpected(_ sentence: String) -> TaskError {
        failure(.protocol, "\(sentence) (code \(code.rawValue))")
    }

    private func failure(_ errorClass: ErrorClass, _ sentence: String, isRetryable: Bool = false) -> TaskError
    {
        TaskError(errorClass, text.isEmpty ? sentence : "\(sentence): \(text)", isRetryable: isRetryable)
    }
}
