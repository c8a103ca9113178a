// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
package import FetchModel
import Glibc
package import PoolWire

/// The result of one task: the fields of its record, and the response if the caller wants it.
package struct FetchResult: Sendable {
    /// The token that the caller passed to `begin`.
    package var token: Int
    /// The status of the last response, apart from interim statuses (1xx except 101); `nil` if there is none.
    package var status: Int?
    /// The reason why the outcome is not `ok`; `nil` if the outcome is `ok`.
    package var error: TaskError?
    /// The value of `Retry-After` in seconds, if the status is 400 or more and the value is valid; otherwise
    /// `nil`.
    package var retryAfterSeconds: Int?
    /// True if the server may have processed the request.
    package var wasSent = true
    /// The URL after redirects; empty if `status` is `nil`.
    package var finalURL: [UInt8] = []
    /// The redirects that were followed, in order.
    package var redirectChain: [RedirectHop] = []
    /// The number of redirects that were followed.
    package var redirects: Int { redirectChain.count }
    /// The version of HTTP: `1.0`, `1.1` or `2`; `nil` if it is not known.
    package var httpVersion: StaticString?
    /// The address of the last request's peer; empty if no peer was reached.
    package var remoteIP = ""
    /// The value of `Content-Type`; `nil` if the last response had none.
    package var contentType: String?
    /// The number of body bytes received, before decoding.
    package var wireBytes = 0
    /// The number of body bytes after decoding.
    package var bodyBytes = 0
    /// The durations of the phases.
    package var timing = FetchTiming()
    /// True if a request used TLS and the peer's certificate was not checked.
    package var isInsecure = false
    /// The header fields of the last response, with names in lower case, if the record or the processor needs
    /// them.
    package var headers: [HeaderField] = []
    /// True if the record holds `headers`.
    package var recordsHeaders = false
    /// The decoded body of a 2xx response, if responses are wanted; `nil` for the statuses 204 and 205, for
    /// HEAD, and for a failed fetch.
    package var body: [UInt8]?

    init(token: Int) {
        self.token = token
    }
}

/// The durations of a fetch's phases in microseconds, including redirects; `nil` for a phase that did not
/// take place.
///
/// `connect` and `tls` are also `nil` for a phase that did not end. If the client's own look-up did not end,
/// `dns` is the time that the task waited for it.
package struct FetchTiming: Hashable, Sendable {
    /// The time for the look-up of the host name, including the wait for a thread.
    package var dns: Int?
    /// The time for the TCP connection, without the look-up.
    package var connect: Int?
    /// The time for the TLS handshake, including a CONNECT to a proxy before it.
    package var tls: Int?
    /// The time from the start of the task to the first byte of the last response.
    package var firstByte: Int?
    /// The time from the start of the task to its end.
    package var total: Int?
}

extension FetchResult {
    /// The outcome of the fetch, for the record.
    package var outcome: Outcome { error?.errorClass.outcomeOfFetch ?? .ok }

    /// Writes the members of the worker protocol's `fields` into an open object, in the order of a record.
    package func writeFields(into writer: inout JSONWriter) {
        if status != nil {
            writer.name("final_url")
            writer.string(finalURL.span)
            writer.member("redirects", redirects)
            if !redirectChain.isEmpty { writeRedirectChain(into: &writer) }
        }
        if let httpVersion {
            writer.name("http_version")
            writer.word(httpVersion)
        }
        if !remoteIP.isEmpty {
            writer.name("remote_ip")
            writer.string(remoteIP)
        }
        if let contentType {
            writer.name("content_type")
            writer.string(contentType)
        }
        if recordsHeaders { writer.recordHeaders(headers) }
        if status != nil { writeBytes(into: &writer) }
        if timing.total != nil { timing.write(into: &writer) }
        if isInsecure {
            writer.name("insecure")
            writer.bool(true)
        }
    }

    /// Writes the members of a worker's result that come from the fetch.
    ///
    /// The object of the result must be open.
    package func writeMembers(into writer: inout JSONWriter) {
        if let status { writer.member("status", status) }
        if let retryAfterSeconds { writer.member("retry_after_s", retryAfterSeconds) }
        if let error { writer.recordError(error, wasSent: wasSent) }
        writer.value(of: 16) { $0.text(#""fields":{"#) }
        writeFields(into: &writer)
        writer.endObject()
    }

    private func writeRedirectChain(into writer: inout JSONWriter) {
        writer.name("redirect_chain")
        writer.beginArray()
        for hop in redirectChain {
            writer.beginObject()
            writer.name("url")
            writer.string(hop.url.span)
            writer.member("status", hop.status)
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeBytes(into writer: inout JSONWriter) {
        writer.value(of: 32 + 2 * JSONRoom.numberBytes) { room in
            room.text(#""bytes":{"wire":"#)
            room.number(wireBytes)
            room.text(#","body":"#)
            room.number(bodyBytes)
            room.text("}")
        }
    }

    /// Writes the whole record of a task that `fetchpool-fetch` fetched as a filter; `time` is for
    /// `fetched_at`.
    package func writeRecord(of task: InputTask, at time: RecordTime, into writer: inout JSONWriter) {
        writer.beginRecord(of: task)
        writer.recordOutcome(outcome, status: status)
        writeFields(into: &writer)
        writer.recordFetchedAt(time)
        writer.recordAttempt(1)
        if let error { writer.recordError(error) }
        writer.endRecord(of: task)
    }
}

extension FetchTiming {
    /// Adds the phases of earlier requests.
    fileprivate mutating func addPhases(of earlier: FetchTiming) {
        dns = Self.sum(dns, earlier.dns)
        connect = Self.sum(connect, earlier.connect)
        tls = Self.sum(tls, earlier.tls)
    }

    private static func sum(_ one: Int?, _ other: Int?) -> Int? {
        one == nil && other == nil ? nil : (one ?? 0) + (other ?? 0)
    }

    fileprivate func write(into writer: inout JSONWriter) {
        writer.value(of: 96 + 5 * JSONRoom.numberBytes) { room in
            room.text(#""timing":{"#)
            var comma: StaticString = ""
            Self.lay(#""dns_ms":"#, dns, &comma, into: &room)
            Self.lay(#""connect_ms":"#, connect, &comma, into: &room)
            Self.lay(#""tls_ms":"#, tls, &comma, into: &room)
            Self.lay(#""ttfb_ms":"#, firstByte, &comma, into: &room)
            Self.lay(#""total_ms":"#, total, &comma, into: &room)
            room.text("}")
        }
    }

    private static func lay(
        _ name: StaticString,
        _ microseconds: Int?,
        _ comma: inout StaticString,
        into room: inout JSONRoom
    ) {
        guard let microseconds else { return }
        room.text(comma)
        comma = ","
        room.text(name)
        room.thousandths(microseconds)
    }
}

extension JSONWriter {
    /// Writes a member with an integer value.
    fileprivate mutating func member(_ name: StaticString, _ number: Int) {
        value(of: name.utf8CodeUnitCount + 8 + JSONRoom.numberBytes) { room in
            room.text("\"")
            room.text(name)
            room.text("\":")
            room.number(number)
        }
    }
}

extension Transfer {
    /// Returns the result of a transfer that has ended with `code`.
    func result(_ code: CURLcode) -> FetchResult {
        var result = FetchResult(token: token)
        result.timing = timing
        result.remoteIP = unsafe easy.text(CURLINFO_PRIMARY_IP) ?? ""
        result.isInsecure = usedTLS
        result.wasSent = mayHaveBeenProcessed
        // A connection can end after an interim response, such as 103, and before the final one.
        if response.status > 0, !response.isInterim || response.status == 101 {
            noteResponse(&result)
        } else if let redirect = chain.hops.last {
            result.status = redirect.status
            noteRedirects(&result)
        }
        if response.leadsOn, let refusal = response.refusal {
            result.error = refusal
        } else if code != CURLE_OK, !response.isDecidedByStatus, !isWhole(despite: code) {
            result.error = error(code)
        } else if !response.isHeaderWhole {
            // libcurl treats the end of the connection as the end of the header.
            let message = "the connection was closed in the middle of the header"
            result.error = TaskError(.reset, message, isRetryable: true)
        } else if lacksStreamEnd {
            // This check comes before `endBody`, because a stream that broke off also leaves compressed data
            // incomplete.
            let message = "the HTTP/2 stream broke off in the middle of the body"
            result.error = TaskError(.reset, message, isRetryable: true)
        } else if let error = response.endBody() {
            result.error = endsWithConnection ? .brokenOff : error
        } else {
            result.error = TaskError.ofStatus(response.status, asksProxy: asksProxy)
            if response.keepsBody { result.body = response.takeBody() }
        }
        return result
    }

    private func noteResponse(_ result: inout FetchResult) {
        result.status = response.status
        noteRedirects(&result)
        result.httpVersion = httpVersion
        result.contentType = response.contentType
        // libcurl counts the chunks of one read only after it has passed on all of them.
        unsafe result.wireBytes = max(easy.offset(CURLINFO_SIZE_DOWNLOAD_T), response.receivedBytes)
        result.bodyBytes = response.bodyBytes
        result.recordsHeaders = response.recordsHeaders && response.isHeaderWhole
        result.headers = response.takeHeaders()
        let retryAfter = response.retryAfter
        if !retryAfter.isEmpty {
            result.retryAfterSeconds = RetryAfter.seconds(retryAfter.span, now: time(nil))
        }
    }

    /// Sets the final URL and the redirects, even if no response arrived from the final URL.
    func noteRedirects(_ result: inout FetchResult) {
        if let target { result.finalURL = target.text }
        if !chain.hops.isEmpty { result.redirectChain = chain.hops }
    }

    /// Returns true if the response is complete although libcurl reports an error.
    ///
    /// The client itself ends some transfers whose response is complete (`ResponseCollector.isComplete`).
    ///
    /// An HTTP/2 server may end the stream with a complete response before the whole request was sent (RFC
    /// 9113 §8.1). libcurl then fails without an error text, because it cannot send the rest of the request.
    private func isWhole(despite code: CURLcode) -> Bool {
        if response.isComplete, response.refusal == nil { return true }
        guard code == CURLE_HTTP2_STREAM, response.isHeaderWhole, response.refusal == nil else {
            return false
        }
        guard failureText.isEmpty, !(300...399 ~= response.status) else { return false }
        let announced = unsafe easy.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        return unsafe announced < 0 ? !lacksStreamEnd : announced == easy.offset(CURLINFO_SIZE_DOWNLOAD_T)
    }

    /// True if the body of a 2xx response over HTTP/2 has no announced length, and its last frame did not
    /// arrive.
    ///
    /// libcurl 7.88 treats such a response as complete in two cases: the server broke a rule of HTTP/2 in
    /// another stream of the connection, or reset the stream of this response with the code `NO_ERROR`. The
    /// value is always false if the ends of streams cannot be observed (`clinux_sees_stream_ends`).
    private var lacksStreamEnd: Bool {
        guard !hasStreamEnd, 200...299 ~= response.status, response.status != 204, method != .head,
            !response.isComplete, unsafe easy.long(CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0,
            clinux_sees_stream_ends() != 0
        else { return false }
        return unsafe easy.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T) < 0
    }

    /// True if the response came over HTTP/1, and only the end of the connection ends the body.
    private var endsWithConnection: Bool {
        unsafe response.hasNoOwnEnd && easy.long(CURLINFO_HTTP_VERSION) != CURL_HTTP_VERSION_2_0
    }

    private func error(_ code: CURLcode) -> TaskError {
        if response.isBeforeFields, code == CURLE_BAD_FUNCTION_ARGUMENT || code == CURLE_OUT_OF_MEMORY {
            let message = "the first field of the header begins with a blank, or is longer than 100 KB"
            return TaskError(.protocol, message)
        }
        let fault = TransferFault(
            code: code,
            text: failureText(of: code),
            refusal: response.refusal,
            // After libcurl has repeated a request, the time is that of the first try.
            wasReadyToSend: unsafe !isConnecting && easy.offset(CURLINFO_PRETRANSFER_TIME_T) > 0,
            wasRedirected: !chain.hops.isEmpty,
            wasInHeader: hasFirstByte && !response.isHeaderWhole,
            wasInResponse: hasFirstByte,
            wasReused: unsafe easy.long(CURLINFO_NUM_CONNECTS) == 0,
            proxyName: proxyName,
            lacksConnection: lacksConnection,
            isOfProxysTLS: unsafe proxyName != nil && easy.long(CURLINFO_PROXY_SSL_VERIFYRESULT) != 0,
            lacksPort: unsafe !hasTriedIPv6 && easy.long(CURLINFO_OS_ERRNO) == Int(EADDRNOTAVAIL)
        )
        if hasStandIn, code == CURLE_COULDNT_RESOLVE_HOST, !fault.isOfProxysName {
            // libcurl's text names the stand-in for the host (`URLParts.setStandIn`).
            let message =
                "the host name was not found: it holds a character that the names of hosts cannot have"
            return TaskError(.dns, message)
        }
        return response.isHeaderWhole && response.endsWithConnection ? fault.error.withoutEnd : fault.error
    }

    /// The value of `TransferFault.lacksConnection`.
    ///
    /// With a proxy, libcurl 7.88 reports CURLINFO_CONNECT_TIME_T only after the proxy has connected to the
    /// server. CURLINFO_NUM_CONNECTS counts the connection to the proxy earlier.
    private var lacksConnection: Bool {
        guard unsafe easy.long(CURLINFO_NUM_CONNECTS) == 0 else { return false }
        return unsafe easy.offset(CURLINFO_CONNECT_TIME_T) == 0
            && easy.offset(CURLINFO_TOTAL_TIME_T) >= 1_000_000
    }

    private var httpVersion: StaticString? {
        switch unsafe easy.long(CURLINFO_HTTP_VERSION) {
        case CURL_HTTP_VERSION_1_0: "1.0"
        case CURL_HTTP_VERSION_1_1: "1.1"
        case CURL_HTTP_VERSION_2_0: "2"
        default: nil
        }
    }

    /// The durations of the task's phases; valid when libcurl has finished the last request.
    var timing: FetchTiming {
        guard !chain.hops.isEmpty else { return timing(after: max(held * 1_000, nameWait)) }
        var timing = timing(after: chain.before)
        timing.addPhases(of: chain.timing)
        if !hasFirstByte { timing.firstByte = chain.timing.firstByte }
        return timing
    }

    /// The durations of a task that ended because the host name of its last request was not resolved.
    var unstartedTiming: FetchTiming {
        var timing = FetchTiming()
        if nameWait > 0 { timing.dns = nameWait }
        timing.total = nameWait
        guard let before = chain.timing.total else { return timing }
        timing.total = before + nameWait
        timing.addPhases(of: chain.timing)
        timing.firstByte = chain.timing.firstByte
        return timing
    }

    /// Returns the durations of the last request.
    ///
    /// `before` is the time from the task's start until libcurl got that request, in microseconds. The total
    /// time and the time of the first byte include `before`.
    private func timing(after before: Int) -> FetchTiming {
        var timing = FetchTiming()
        unsafe timing.total = before + easy.offset(CURLINFO_TOTAL_TIME_T)
        if response.status > 0 {
            unsafe timing.firstByte = before + easy.offset(CURLINFO_STARTTRANSFER_TIME_T)
        }
        if nameWait > 0 { timing.dns = nameWait }
        // On a reused connection, the phases before the request did not take place. If libcurl made no
        // connection, the result also lacks the time of libcurl's own look-up.
        guard unsafe easy.long(CURLINFO_NUM_CONNECTS) > 0 else { return timing }
        // libcurl reports the time from the start of the request to the end of each phase; 0 for a phase that
        // did not end.
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
    /// The error of a connection that ended in the middle of compressed data whose length is not known.
    fileprivate static let brokenOff = TaskError(
        .reset,
        "the connection was closed in the middle of the compressed data",
        isRetryable: true
    )

    /// The error if only the end of the connection could end the body, but the connection stayed open.
    ///
    /// Errors other than slowness and the total time-out stay unchanged.
    fileprivate var withoutEnd: TaskError {
        guard errorClass == .lowSpeed || errorClass == .timeoutTotal else { return self }
        return TaskError(
            .protocol,
            "the header names a transfer coding other than chunked, so the body ends with the connection; but the connection did not end"
        )
    }
}
