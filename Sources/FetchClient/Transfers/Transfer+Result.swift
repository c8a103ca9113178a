// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Glibc

extension Transfer {
    /// What came of a transfer that has ended with `code`.
    func result(_ code: CURLcode) -> FetchResult {
        var result = FetchResult(token: token)
        unsafe result.redirects = easy.long(CURLINFO_REDIRECT_COUNT)
        result.timing = timing
        result.remoteIP = unsafe easy.text(CURLINFO_PRIMARY_IP) ?? ""
        result.isInsecure = usedTLS
        result.wasSent = mayHaveBeenProcessed
        if answer.status > 0 { noteAnswer(&result) }
        if code != CURLE_OK, !answer.isDecidedByStatus, !isWhole(despite: code) {
            result.error = error(code)
        } else if !answer.isHeaderWhole {
            // libcurl takes the end of the connection for the end of the header.
            let message = "the connection was closed in the middle of the header"
            result.error = TaskError(.reset, message, isRetryable: true)
        } else if let error = answer.endBody() {
            result.error = error
        } else {
            result.error = TaskError.ofStatus(answer.status)
            if answer.keepsBody {
                result.headers = answer.takeHeaders()
                result.body = answer.takeBody()
            }
        }
        return result
    }

    private func noteAnswer(_ result: inout FetchResult) {
        result.status = answer.status
        // Without a redirect this is the URL that was given, which need not be copied.
        result.finalURL =
            result.redirects == 0
            ? url : unsafe URLText.withoutUserInfo((easy.text(CURLINFO_EFFECTIVE_URL) ?? "").utf8)
        result.httpVersion = httpVersion
        result.contentType = answer.contentType
        unsafe result.wireBytes = easy.offset(CURLINFO_SIZE_DOWNLOAD_T)
        result.bodyBytes = answer.bodyBytes
        let retryAfter = answer.retryAfter
        if !retryAfter.isEmpty {
            result.retryAfterSeconds = RetryAfter.seconds(retryAfter.span, now: time(nil))
        }
    }

    /// True if the answer is whole although libcurl says otherwise, or was told to end.
    ///
    /// It is also if it came whole before the request was, over HTTP/2: the server may then end the stream without an error, and
    /// the answer counts (RFC 9113 §8.1).
    ///
    /// libcurl fails to send the rest of the request, and has nothing to say about it, as it has of all other ends of a stream.
    private func isWhole(despite code: CURLcode) -> Bool {
        if answer.isComplete, answer.refusal == nil { return true }
        guard code == CURLE_HTTP2_STREAM, answer.isHeaderWhole, answer.refusal == nil else { return false }
        guard failureText.isEmpty, !(300...399 ~= answer.status) else { return false }
        let announced = unsafe easy.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        return unsafe announced < 0 || announced == easy.offset(CURLINFO_SIZE_DOWNLOAD_T)
    }

    private func error(_ code: CURLcode) -> TaskError {
        if answer.isBeforeFields, code == CURLE_BAD_FUNCTION_ARGUMENT || code == CURLE_OUT_OF_MEMORY {
            let message = "the first field of the header begins with a blank, or is longer than 100 KB"
            return TaskError(.protocol, message)
        }
        let fault = TransferFault(
            code: code,
            text: failureText,
            refusal: answer.refusal,
            wasReadyToSend: unsafe easy.offset(CURLINFO_PRETRANSFER_TIME_T) > 0,
            wasRedirected: 300...399 ~= answer.status,
            wasInHeader: hasFirstByte && !answer.isHeaderWhole,
            wasInAnswer: hasFirstByte
        )
        return answer.isHeaderWhole && answer.endsWithConnection ? fault.error.withoutEnd : fault.error
    }

    private var httpVersion: StaticString? {
        switch unsafe easy.long(CURLINFO_HTTP_VERSION) {
        case CURL_HTTP_VERSION_1_0: "1.0"
        case CURL_HTTP_VERSION_1_1: "1.1"
        case CURL_HTTP_VERSION_2_0: "2"
        default: nil
        }
    }

    private var timing: FetchTiming {
        var timing = FetchTiming()
        // libcurl counts from where the transfer was given to it.
        let before = max(held * 1_000, nameWait)
        unsafe timing.total = before + easy.offset(CURLINFO_TOTAL_TIME_T)
        if answer.status > 0 {
            unsafe timing.firstByte = before + easy.offset(CURLINFO_STARTTRANSFER_TIME_T)
        }
        if nameWait > 0 { timing.dns = nameWait }
        // On a connection used again the phases before the request did not happen.
        guard unsafe easy.long(CURLINFO_NUM_CONNECTS) > 0 else { return timing }
        // libcurl counts each from the start, and leaves what was not reached at 0.
        let resolved = unsafe easy.offset(CURLINFO_NAMELOOKUP_TIME_T)
        let connected = unsafe easy.offset(CURLINFO_CONNECT_TIME_T)
        let secured = unsafe easy.offset(CURLINFO_APPCONNECT_TIME_T)
        if resolved > 0 { timing.dns = resolved + nameWait }
        if connected > 0 { timing.connect = max(connected - resolved, 0) }
        if secured > 0 { timing.tls = max(secured - connected, 0) }
        return timing
    }
}

extension TaskError {
    /// The error of an answer whose body ends with the connection, where that did not end.
    fileprivate var withoutEnd: TaskError {
        guard errorClass == .lowSpeed || errorClass == .timeoutTotal else { return self }
        return TaskError(
            .protocol,
            "the header names a transfer coding other than chunked, so that only the end of the connection ends the body, and it did not end"
        )
    }
}
