// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

// Every result code of libcurl, on purpose. The codes that only other protocols use can still be returned by a
// libcurl that has a bug, so they are named too, and said to be unexpected.

extension TransferFault {
    /// Why the fetch failed, in the words of a record.
    var error: TaskError {
        if let refusal { return refusal }
        return switch code {
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_TOO_MANY_REDIRECTS: addressError
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            failure(.dns, "the host name was not found", isRetryable: true)
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED, CURLE_NO_CONNECTION_AVAILABLE,
            CURLE_QUIC_CONNECT_ERROR, CURLE_PROXY:
            failure(.connect, "the server could not be reached", isRetryable: true)
        case CURLE_OPERATION_TIMEDOUT: timeout
        case CURLE_SSL_CONNECT_ERROR where isBrokenHandshake:
            failure(.reset, "the connection was closed during the TLS handshake", isRetryable: true)
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_SHUTDOWN_FAILED,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_OBSOLETE51:
            failure(.tls, "no trusted TLS connection could be made")
        case CURLE_GOT_NOTHING:
            failure(.reset, "the server closed the connection without an answer", isRetryable: true)
        case CURLE_PARTIAL_FILE:
            failure(.reset, "the body ended before its announced length", isRetryable: true)
        case CURLE_SEND_ERROR, CURLE_SEND_FAIL_REWIND, CURLE_UPLOAD_FAILED:
            failure(.reset, "the connection broke while the request was sent", isRetryable: true)
        case CURLE_RECV_ERROR: receivingError
        case CURLE_HTTP2_STREAM: failure(.reset, "the server ended the HTTP/2 stream", isRetryable: true)
        case CURLE_HTTP2, CURLE_HTTP3: failure(.protocol, "the HTTP/2 connection broke", isRetryable: true)
        case CURLE_WEIRD_SERVER_REPLY: failure(.protocol, "the server did not answer in HTTP")
        case CURLE_BAD_CONTENT_ENCODING: failure(.decompress, "the body could not be decompressed")
        case CURLE_FILESIZE_EXCEEDED: failure(.tooLarge, "the body is larger than the limit")
        case CURLE_OUT_OF_MEMORY: failure(.oom, "libcurl ran out of memory", isRetryable: true)
        default: unexpected
        }
    }

    /// Codes that mean a mistake of ours or a bug of libcurl where only HTTP is spoken.
    private var unexpected: TaskError {
        switch code {
        case CURLE_OK: failure(.protocol, "libcurl reported an error without a code")
        case CURLE_FAILED_INIT, CURLE_NOT_BUILT_IN, CURLE_FUNCTION_NOT_FOUND, CURLE_BAD_FUNCTION_ARGUMENT,
            CURLE_UNKNOWN_OPTION, CURLE_SETOPT_OPTION_SYNTAX, CURLE_RECURSIVE_API_CALL,
            CURLE_UNRECOVERABLE_POLL, CURLE_AGAIN, CURLE_READ_ERROR, CURLE_WRITE_ERROR,
            CURLE_ABORTED_BY_CALLBACK, CURLE_CHUNK_FAILED:
            failure(.protocol, "libcurl could not do what it was asked (code \(code.rawValue))")
        case CURLE_HTTP_RETURNED_ERROR, CURLE_RANGE_ERROR, CURLE_HTTP_POST_ERROR, CURLE_BAD_DOWNLOAD_RESUME,
            CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR, CURLE_REMOTE_ACCESS_DENIED:
            failure(.protocol, "libcurl refused the answer (code \(code.rawValue))")
        case CURLE_FTP_ACCEPT_FAILED, CURLE_FTP_WEIRD_PASS_REPLY, CURLE_FTP_ACCEPT_TIMEOUT,
            CURLE_FTP_WEIRD_PASV_REPLY, CURLE_FTP_WEIRD_227_FORMAT, CURLE_FTP_CANT_GET_HOST,
            CURLE_FTP_COULDNT_SET_TYPE, CURLE_FTP_COULDNT_RETR_FILE, CURLE_QUOTE_ERROR, CURLE_FTP_PORT_FAILED,
            CURLE_FTP_COULDNT_USE_REST, CURLE_FTP_PRET_FAILED, CURLE_FTP_BAD_FILE_LIST,
            CURLE_FILE_COULDNT_READ_FILE, CURLE_LDAP_CANNOT_BIND, CURLE_LDAP_SEARCH_FAILED,
            CURLE_TFTP_NOTFOUND,
            CURLE_TFTP_PERM, CURLE_REMOTE_DISK_FULL, CURLE_TFTP_ILLEGAL, CURLE_TFTP_UNKNOWNID,
            CURLE_REMOTE_FILE_EXISTS, CURLE_TFTP_NOSUCHUSER, CURLE_REMOTE_FILE_NOT_FOUND, CURLE_SSH,
            CURLE_RTSP_CSEQ_ERROR, CURLE_RTSP_SESSION_ERROR:
            failure(.protocol, "libcurl reported an error of another protocol (code \(code.rawValue))")
        default:
            // Codes of newer versions than 7.88, and the obsolete ones.
            failure(.protocol, "libcurl reported an unknown error (code \(code.rawValue))")
        }
    }

    private var addressError: TaskError {
        switch code {
        case CURLE_UNSUPPORTED_PROTOCOL where says("HTTP/0.9"):
            // The code also stands for an answer without a status line.
            failure(.protocol, "the server did not answer in HTTP")
        case CURLE_UNSUPPORTED_PROTOCOL:
            failure(.scheme, "a redirect leads to a scheme other than http and https")
        case CURLE_URL_MALFORMAT where wasRedirected:
            failure(.redirects, "a redirect leads to something that is no URL")
        case CURLE_URL_MALFORMAT: failure(.url, "libcurl does not take the URL")
        default: failure(.redirects, "there were more redirects than the limit")
        }
    }

    private var timeout: TaskError {
        if says("too slow") { return failure(.lowSpeed, "the transfer was too slow", isRetryable: true) }
        return wasReadyToSend
            ? failure(.timeoutTotal, "the fetch took longer than its time-out", isRetryable: true)
            : failure(.timeoutConnect, "no connection was ready within the time-out", isRetryable: true)
    }

    private var receivingError: TaskError {
        if says("chunk") || says("header") {
            return failure(.protocol, "the answer breaks the rules of HTTP")
        }
        return failure(.reset, "the connection was reset", isRetryable: true)
    }

    /// A handshake that ended without a word of TLS: nothing was said about certificates, so another try may help.
    private var isBrokenHandshake: Bool { says("SSL_ERROR_SYSCALL") || says("reset by peer") }

    private func failure(_ errorClass: ErrorClass, _ sentence: String, isRetryable: Bool = false) -> TaskError
    {
        TaskError(errorClass, text.isEmpty ? sentence : "\(sentence): \(text)", isRetryable: isRetryable)
    }
}
