// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// A response while it arrives.
///
/// The callbacks of libcurl pass the data to `takeHeaderLine` and `takeBody`, which return false if the
/// transfer must end.
struct ResponseCollector {
    private(set) var status = 0
    private(set) var bodyBytes = 0
    /// The number of body bytes received of the last response, before decoding.
    ///
    /// The bytes after the announced end of the body, and the body of a redirect, are not counted.
    private(set) var receivedBytes = 0
    private(set) var headers: [HeaderField] = []
    private(set) var body: [UInt8] = []
    /// The value of `Retry-After`; empty if there is none or the status is below 400.
    private(set) var retryAfter: [UInt8] = []
    /// The reason why the client refuses a peer or ends the transfer; `nil` if there is none.
    private(set) var refusal: TaskError?

    private var limits = ResponseLimits(maxBodyBytes: 0, wantsResponse: false)
    /// The number of header and trailer bytes received, over all responses to the last request.
    private(set) var headerBytes = 0
    /// True if the header of the final response to the last request is complete.
    private(set) var isHeaderWhole = false
    /// True if a response to any request of the task had a `Set-Cookie` field.
    private(set) var hasCookies = false
    /// The last non-empty value of `Content-Type` in the last header.
    private var contentTypeBytes: [UInt8] = []
    private var headerLines = 0
    /// The values of `Set-Cookie` in the last header, if cookies are kept.
    private var cookieFields: [[UInt8]] = []
    /// The number of the last header line that belongs to a `Set-Cookie` field.
    private var lastCookieLine = 0
    /// True if the next header line may begin a response.
    private var mayBegin = true
    private var isInHeader = false
    private var codings = BodyCodings()
    private var decoder: BodyDecoder?
    private var hasBodyBegun = false
    private var length = NamedLength()
    /// The reason why libcurl would not find the end of the body; `nil` if there is none.
    private var framingFault: String?
    /// True if the client needs no more of the response although libcurl would read on; the transfer then
    /// ends.
    private(set) var isComplete = false
    /// The number of body bytes still expected, if libcurl ignores the length (`endUnchunked`); otherwise
    /// `nil`.
    private var bytesLeft: Int?
    /// True if only the end of the connection ends the body, because of a transfer coding other than
    /// `chunked`.
    private(set) var endsWithConnection = false
    /// True if over HTTP/1 only the end of the connection can show the end of the body.
    var hasNoOwnEnd: Bool { !codings.isChunked && length.number == nil }
    /// The kind of the last field in the header; `none` before the first field.
    ///
    /// A line that begins with a blank continues the last field.
    private var lastField = FieldKind.none
    /// The fields of the header that describe a redirect.
    private(set) var redirect = IncomingRedirect()
    /// True if the response is a redirect to follow: its header is complete, and its body is not needed.
    private(set) var leadsOn = false

    /// The kinds of fields whose continuation lines are treated differently.
    private enum FieldKind {
        case none, framing, contentType, contentEncoding, retryAfter, location, other
    }

    /// Prepares for a new task.
    mutating func begin(_ limits: ResponseLimits) {
        self = ResponseCollector()
        self.limits = limits
    }

    /// Prepares for the response to the next request after a redirect, or to a request that begins again on
    /// a new connection.
    ///
    /// Until this response begins, the previous response counts as the last response.
    mutating func beginNextRequest() {
        beginRequest()
        (headerBytes, headerLines) = (0, 0)
        (codings, decoder, hasBodyBegun) = (BodyCodings(), nil, false)
        (bodyBytes, receivedBytes) = (0, 0)
        (isComplete, bytesLeft, endsWithConnection, isInHeader) = (false, nil, false, false)
        (redirect, leadsOn, lastField) = (IncomingRedirect(), false, .none)
    }

    /// Notes that libcurl is about to send a request, or to repeat a request.
    mutating func beginRequest() {
        (isHeaderWhole, mayBegin, leadsOn) = (false, true, false)
        refusal = nil
    }

    /// Records the reason for a refusal that another type has decided.
    mutating func refuse(_ reason: TaskError) { refusal = reason }

    /// Forgets the refusal of an address, because another address of the host is tried.
    mutating func withdrawRefusal() { refusal = nil }

    /// Frees the kept data.
    mutating func end() { self = ResponseCollector() }

    /// True if the body is kept.
    ///
    /// Responses with the status 204 or 205 have no body (RFC 9110 §15.3).
    var keepsBody: Bool { limits.wantsResponse && 200...299 ~= status && status != 204 && status != 205 }

    /// True if the record holds the header fields.
    var recordsHeaders: Bool { limits.recordsHeaders }

    /// True if the header fields are kept, for the record or for the processor.
    private var keepsFields: Bool { limits.recordsHeaders || keepsBody }

    /// True if the last response is an interim response (RFC 9110 §15.2).
    var isInterim: Bool { 100...199 ~= status }

    /// True if the next line is the first line of a response.
    var isAtFirstLine: Bool { mayBegin && !isInHeader }

    /// True from the first line of a header until its first field or its end.
    var isBeforeFields: Bool { isInHeader && lastField == .none }

    /// The last non-empty value of `Content-Type` in the last header; `nil` if there is none.
    var contentType: String? { contentTypeBytes.isEmpty ? nil : String(ofField: contentTypeBytes) }

    /// Removes and returns the kept body.
    mutating func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// Removes and returns the kept header fields.
    mutating func takeHeaders() -> [HeaderField] {
        defer { headers = [] }
        return headers
    }

    /// Removes and returns the values of `Set-Cookie` in the last header; empty if the header is incomplete.
    mutating func takeCookieFields() -> [[UInt8]] {
        guard isHeaderWhole else { return [] }
        defer { cookieFields = [] }
        return cookieFields
    }

    private mutating func keepCookie(_ line: Span<UInt8>, after colon: Int) {
        cookieFields.append(line.array(line.fieldValue(after: colon)))
        lastCookieLine = headerLines
    }

    /// Processes one line of a header or of the trailers, including the line break.
    ///
    /// `statusOf` returns the status that libcurl has parsed from the first line of a response.
    /// - Returns: `false` if the transfer must end, for the reason in `refusal` or because `isComplete` is
    ///   true.
    mutating func takeHeaderLine(_ line: Span<UInt8>, statusOf: () -> Int) -> Bool {
        headerBytes += line.count
        headerLines += 1
        // If `limits.keepsCookies` is false, libcurl may have stored the cookie already, even if the line is
        // refused here.
        if line[0] | 0x20 == UInt8(ascii: "s"), let colon = line.colon(after: "set-cookie") {
            hasCookies = true
            if limits.keepsCookies, isInHeader { keepCookie(line, after: colon) }
        }
        guard headerBytes <= limits.maxHeaderBytes, headerLines <= limits.maxHeaderLines else {
            refusal = TaskError(
                .protocol,
                "the header has more than \(limits.maxHeaderBytes >> 10) KiB or more than \(limits.maxHeaderLines) lines"
            )
            return false
        }
        if isInHeader {
            takeField(line)
        } else if mayBegin {
            beginHeader(statusOf())
            if !line.hasUsualVersion, line.statusAfterVersion != status {
                // libcurl then treats the status as 200.
                refusal = TaskError(
                    .protocol,
                    "the status line does not begin with 'HTTP/' in capital letters"
                )
            }
            // nghttp2 and libcurl accept any three digits over HTTP/2.
            if status < 100 { refusal = TaskError(.protocol, "the status is less than 100") }
            if limits.followsRedirects, 300...399 ~= status { redirect.begin(status, firstLine: line) }
        }
        // Other lines are trailers. They count towards the limits, but their values are not used.
        return refusal == nil && !isComplete
    }

    /// Starts a new response, which replaces the previous response.
    private mutating func beginHeader(_ status: Int) {
        headers.removeAll(keepingCapacity: true)
        // A server can reset a stream of HTTP/2 in the middle of its response, to get the request over
        // HTTP/1.
        body.removeAll(keepingCapacity: true)
        (retryAfter, contentTypeBytes) = ([], [])
        (isInHeader, mayBegin, isHeaderWhole) = (true, false, false)
        (codings, decoder, hasBodyBegun) = (BodyCodings(), nil, false)
        (bodyBytes, receivedBytes) = (0, 0)
        self.status = status
        (length, framingFault) = (NamedLength(), nil)
        (isComplete, bytesLeft, endsWithConnection) = (false, nil, false)
        lastField = .none
        if redirect.isOne { redirect = IncomingRedirect() }
        if !cookieFields.isEmpty { cookieFields = [] }
    }

    private mutating func takeField(_ line: Span<UInt8>) {
        switch line[0] {
        case 0x0D, 0x0A: return endHeader()
        case 0x20, 0x09: return continueField(line)
        default: break
        }
        lastField = .other
        switch line[0] | 0x20 {
        case UInt8(ascii: "c"):
            if let colon = line.colon(after: "content-length") {
                lastField = .framing
                guard isReadByCurl(colon, "content-length") else { break }
                length.note(line.extracting(line.fieldValue(after: colon)))
            } else if let colon = line.colon(after: "content-type") {
                lastField = .contentType
                let value = line.fieldValue(after: colon)
                if !value.isEmpty { contentTypeBytes = line.array(value) }
            } else if limits.undoesCodings, let colon = line.colon(after: "content-encoding") {
                lastField = .contentEncoding
                codings.noteContent(line.extracting(line.fieldValue(after: colon)))
            } else if redirect.isOne, let colon = line.colon(after: "connection") {
                redirect.noteConnection(line.array(line.fieldValue(after: colon)))
            }
        case UInt8(ascii: "l") where redirect.isOne:
            guard let colon = line.colon(after: "location") else { break }
            lastField = .location
            redirect.noteLocation(line.array(line.fieldValue(after: colon)))
        case UInt8(ascii: "t"):
            guard let colon = line.colon(after: "transfer-encoding") else { break }
            lastField = .framing
            guard isReadByCurl(colon, "transfer-encoding") else { break }
            codings.noteTransfer(line.extracting(line.fieldValue(after: colon)))
        case UInt8(ascii: "r") where status >= 400:
            guard let colon = line.colon(after: "retry-after") else { break }
            lastField = .retryAfter
            retryAfter = line.array(line.fieldValue(after: colon))
        default: break
        }
        if keepsFields { keepField(line) }
    }

    /// Returns false, and notes the fault, if blanks stand before the colon of a field about the length of
    /// the body.
    ///
    /// libcurl ignores such a field, and a server must not send it (RFC 9112 §5.1).
    private mutating func isReadByCurl(_ colon: Int, _ name: StaticString) -> Bool {
        if colon > name.utf8CodeUnitCount {
            framingFault = "a field about the length of the body has a blank before its colon"
        }
        return colon == name.utf8CodeUnitCount
    }

    /// Joins a line that begins with a blank to the previous field (RFC 9112 §5.2).
    ///
    /// For the length of the body, libcurl uses only the first line of a field. So a field about the length
    /// of the body is refused if it continues on another line.
    private mutating func continueField(_ line: Span<UInt8>) {
        let value = line.fieldValue(after: -1)
        if lastField == .none {
            refusal = TaskError(.protocol, "the first field of the header begins with a blank")
        }
        guard !value.isEmpty else { return }
        let bytes = line.array(value)
        if !cookieFields.isEmpty, lastCookieLine == headerLines - 1 {
            cookieFields[cookieFields.count - 1] += [0x20] + bytes
            lastCookieLine = headerLines
        }
        switch lastField {
        case .none, .other: break
        case .framing:
            let message = "a field about the length of the body continues on another line"
            refusal = TaskError(.protocol, message)
        case .contentEncoding: codings.noteContent(line.extracting(value))
        case .contentType: contentTypeBytes += (contentTypeBytes.isEmpty ? [] : [0x20]) + bytes
        case .retryAfter: retryAfter += (retryAfter.isEmpty ? [] : [0x20]) + bytes
        case .location: redirect.continueLocation(bytes)
        }
        guard keepsFields, let last = headers.indices.last else { return }
        headers[last].value += (headers[last].value.isEmpty ? "" : " ") + String(ofField: bytes)
    }

    /// Processes the blank line at the end of the header.
    private mutating func endHeader() {
        isInHeader = false
        guard !isInterim else {
            // The final response follows, except after 101, which announces another protocol.
            mayBegin = status != 101
            if !mayBegin {
                let message = "the server switched to another protocol, for which the request did not ask"
                refusal = TaskError(.protocol, message)
            }
            return
        }
        isHeaderWhole = true
        if codings.nearlyNamesChunked, !codings.isChunked {
            framingFault = "the header names a transfer coding that is not quite chunked"
        }
        if redirect.isFollowed { return beginRedirect() }
        // Only the body of a 2xx response is used. Chunks have their own lengths.
        let countsLength = 200...299 ~= status && status != 204 && status != 205
        if let framingFault, !limits.isOfHEAD, status != 204, status != 304 {
            if countsLength {
                refusal = TaskError(.protocol, framingFault)
            } else {
                isComplete = true
            }
            return
        }
        if countsLength, !codings.isChunked, !limits.isOfHEAD {
            if length.differs {
                refusal = TaskError(.protocol, "the header gives two different lengths of the body")
            } else if length.isNoNumber {
                // libcurl uses the leading digits as the length.
                refusal = TaskError(.protocol, "the length of the body in the header is not a number")
            } else if length.isTooLarge {
                _ = refuseBody()
            }
        }
        if codings.hasTransferField, !codings.isChunked { endUnchunked() }
    }

    /// Decides where the body ends if `Transfer-Encoding` does not name `chunked`.
    ///
    /// An example is the value `identity`. By RFC 9112 §6.3, which libcurl follows, the end of the connection
    /// then ends the body. But most servers that send such a value keep the connection open. So the length in
    /// `Content-Length` is used, if there is one.
    private mutating func endUnchunked() {
        guard !limits.isOfHEAD, status != 204, status != 304 else { return }
        bytesLeft = length.number
        endsWithConnection = bytesLeft == nil
        // The body of an error is not needed.
        isComplete = bytesLeft == 0 || endsWithConnection && status >= 400
    }

    /// Decides whether to read the body of a redirect.
    ///
    /// The client does not use the body. But an HTTP/1 connection can be reused only after the end of the
    /// body, so a short body is read. Over HTTP/1, even a short body is not read if it has no known end, or
    /// if the connection closes anyway.
    private mutating func beginRedirect() {
        leadsOn = true
        guard !limits.isOfHEAD else { return }
        let length = codings.isChunked ? nil : length.number
        if let length, length > limits.maxRedirectBytes || length > limits.maxBodyBytes {
            _ = dropBody(length)
        } else if !redirect.isMultiplexed {
            let hasEnd = codings.isChunked || length != nil && !codings.hasTransferField
            isComplete = redirect.closesConnection || !hasEnd || framingFault != nil
        }
    }

    /// Counts bytes of a redirect's body, received or announced; returns false if no more is read.
    private mutating func dropBody(_ count: Int) -> Bool {
        redirect.droppedBytes += count
        guard min(redirect.droppedBytes, limits.maxRedirectBytes) <= limits.maxBodyBytes else {
            return refuseBody()
        }
        isComplete = redirect.droppedBytes > limits.maxRedirectBytes
        return !isComplete
    }

    /// Stops waiting for the rest of a redirect's body.
    mutating func endRedirectBody() { isComplete = true }

    private mutating func keepField(_ line: Span<UInt8>) {
        guard let colon = line.indices.first(where: { line[$0] == UInt8(ascii: ":") }) else { return }
        let name = line.array(0..<line.nameEnd(before: colon)).map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
        let value = line.array(line.fieldValue(after: colon))
        headers.append(HeaderField(name: String(ofField: name), value: String(ofField: value)))
    }

    /// Processes a piece of the body as received.
    ///
    /// `announced` returns the length that the header announced, or -1 if the header announced none.
    /// `takeBody` calls `announced` at most once for each body.
    /// - Returns: `false` if the transfer must end, for the reason in `refusal` or because `isComplete` is
    ///   true.
    mutating func takeBody(_ piece: UnsafeRawBufferPointer, announced: () -> Int) -> Bool {
        if leadsOn { return dropBody(piece.count) }
        if let left = bytesLeft {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: piece.prefix(left))
            bytesLeft = nil
            let announced = length.number ?? -1
            guard unsafe takeBody(rest, announced: { announced }) else { return false }
            bytesLeft = left - rest.count
            isComplete = bytesLeft == 0
            return !isComplete
        }
        receivedBytes += piece.count
        if !hasBodyBegun {
            hasBodyBegun = true
            guard beginBody(announced) else { return false }
        }
        guard let decoder else { return unsafe keep(piece) }
        do throws(DecodingFault) {
            let goesOn = try unsafe decoder.decode(piece) { unsafe self.keep($0) }
            guard goesOn, decoder.receivedBytes <= limits.maxCodedBytes else { return refuseBody(refusal) }
            return true
        } catch {
            return refuseBody(error)
        }
    }

    private mutating func beginBody(_ announced: () -> Int) -> Bool {
        guard codings.areAny else {
            let length = announced()
            guard length <= limits.maxBodyBytes else { return refuseBody() }
            // The announced length can be more than the server sends, and more than fits into memory.
            if keepsBody, length > 0 { body.reserveCapacity(min(length, limits.maxReservedBytes)) }
            return true
        }
        do throws(DecodingFault) {
            decoder = try BodyDecoder(codings.all, maxBytes: limits.maxCodedBytes)
            return true
        } catch {
            return refuseBody(error)
        }
    }

    /// Processes a piece of the body after decoding; returns false if the body is refused.
    private mutating func keep(_ piece: UnsafeRawBufferPointer) -> Bool {
        bodyBytes += piece.count
        guard bodyBytes <= limits.maxBodyBytes else { return refuseBody() }
        guard !isBomb else { return refuseBody(Self.bombError) }
        if keepsBody { unsafe body.append(contentsOf: piece) }
        return true
    }

    /// Refuses a body that cannot be decoded, if the status is below 300; other responses need only their
    /// header.
    private mutating func refuseBody(_ fault: DecodingFault) -> Bool {
        guard status < 300 else {
            decoder?.isGivenUp = true
            if decoder == nil { codings = BodyCodings() }
            return true
        }
        return refuseBody(TaskError(.decompress, "the body could not be decompressed: \(fault.reason)"))
    }

    /// Ends the body; returns an error if the body or its compressed data is incomplete.
    mutating func endBody() -> TaskError? {
        if let bytesLeft, bytesLeft > 0, status < 300 {
            body = []
            return TaskError(.reset, "the body ended before its announced length", isRetryable: true)
        }
        // A part of an encoded body (206) may end anywhere.
        guard let decoder, !decoder.isWhole, status < 300, status != 206 else { return nil }
        body = []
        return TaskError(.decompress, "the body ends in the middle of its compressed data")
    }

    private var isBomb: Bool {
        guard let decoder, bodyBytes > limits.anyRatioBytes else { return false }
        return bodyBytes / limits.maxRatio > decoder.receivedBytes
    }

    /// True if the status decides the outcome, even if the body was refused, broke off or was too slow.
    var isDecidedByStatus: Bool { isHeaderWhole && status >= 400 }

    private static let bombError = TaskError(
        .decompress,
        "each byte received gave more than 200 decompressed bytes on average; this is a decompression bomb"
    )

    private mutating func refuseBody(_ reason: TaskError? = nil) -> Bool {
        body = []
        refusal = reason ?? limits.bodyError
        return false
    }
}
