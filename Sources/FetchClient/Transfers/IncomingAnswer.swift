// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// What an answer may be at most, and what of it is kept.
struct AnswerLimits {
    /// The longest body accepted, in bytes after decoding.
    let maxBodyBytes: Int
    /// Whether headers and the body are kept for processing.
    var wantsResponse: Bool
    /// True if content codings are undone: not where the request asked for none.
    var undoesCodings = true
    /// The most header bytes over all answers of a transfer, below the 300 KB at which libcurl 7.88 gives up with a
    /// code that means a reset.
    let maxHeaderBytes = 256 << 10
    /// The most header lines over all answers of a transfer.
    let maxHeaderLines = 1_000
    /// The most bytes that one byte on the wire may become.
    let maxRatio = 200
    /// Bodies up to this size may have any ratio, in bytes after decoding.
    let anyRatioBytes = 1 << 20
    /// The most bytes of a coded body on the wire: no coding makes a body so much longer than it is.
    var maxCodedBytes: Int { maxBodyBytes + maxBodyBytes / 64 + 64 << 10 }
    /// The most bytes that libcurl reads at once: CURLOPT_BUFFERSIZE.
    ///
    /// A whole header fits. Of one over HTTP/2 that does not, libcurl 7.88 hands over as much as fits, and then waits for an
    /// event that never comes.
    let bufferBytes = 272 << 10
    /// The answer is to a HEAD, and has no body whatever its header says (RFC 9110 §9.3.2).
    var isOfHEAD = false
}

/// An answer as it comes in: counts, and the few fields that decide something.
///
/// Pure: the callbacks feed it, and it says whether to go on.
struct IncomingAnswer {
    private(set) var status = 0
    private(set) var bodyBytes = 0
    private(set) var headers: [HeaderField] = []
    private(set) var body: [UInt8] = []
    /// The value of `Retry-After`.
    private(set) var retryAfter: [UInt8] = []
    /// Why no more is accepted.
    private(set) var refusal: TaskError?

    private var limits = AnswerLimits(maxBodyBytes: 0, wantsResponse: false)
    /// The header bytes that came, over all answers of the transfer.
    private(set) var headerBytes = 0
    /// Whether the final header of the last request came to its end.
    private(set) var isHeaderWhole = false
    /// Whether any answer of the transfer set a cookie.
    private(set) var hasCookies = false
    /// The last value of `Content-Type` that was not empty.
    private var contentTypeBytes: [UInt8] = []
    private var headerLines = 0
    /// The next line may be the first of an answer: nothing came since the request, or an interim answer.
    private var mayBegin = true
    private var isInHeader = false
    private var codings = BodyCodings()
    private var decoder: BodyDecoder?
    private var hasBodyBegun = false
    private var length = NamedLength()
    /// True if the answer is whole although libcurl would read on; the transfer ends then.
    private(set) var isComplete = false
    /// The bytes of the body that are still to come, where libcurl waits for the end of the connection although the header names a length.
    private var bytesLeft: Int?
    /// True if nothing but the end of the connection ends the body, because of a transfer coding other than `chunked`.
    private(set) var endsWithConnection = false
    /// What a line that continues the last one would continue.
    private var lastField = FieldKind.none

    /// The fields that differ in what a continuation of their line means.
    private enum FieldKind {
        case none, framing, contentType, contentEncoding, retryAfter, other
    }

    /// Gets ready for a new transfer.
    mutating func begin(_ limits: AnswerLimits) {
        self = IncomingAnswer()
        self.limits = limits
    }

    /// Notes that a request is about to be sent, the first or one after a redirect.
    mutating func beginRequest() {
        (isHeaderWhole, mayBegin) = (false, true)
        refusal = nil
    }

    /// Ends the transfer for a reason other than the answer.
    mutating func refuse(_ reason: TaskError) { refusal = reason }

    /// Frees what was kept.
    mutating func end() { self = IncomingAnswer() }

    /// Whether the body is kept.
    ///
    /// 204 and 205 have none (RFC 9110 §15.3).
    var keepsBody: Bool { limits.wantsResponse && 200...299 ~= status && status != 204 && status != 205 }

    /// True if what came last is an interim answer (RFC 9110 §15.2): the one to the request is still to come.
    var isInterim: Bool { 100...199 ~= status }

    /// True if the next line is the first one of an answer, unless it is a trailer of the one before.
    var isAtFirstLine: Bool { mayBegin && !isInHeader }

    /// True if the header of the last answer has begun, and none of its fields has come.
    var isBeforeFields: Bool { isInHeader && lastField == .none }

    /// The value of `Content-Type`.
    var contentType: String? { contentTypeBytes.isEmpty ? nil : String(ofField: contentTypeBytes) }

    /// Takes the kept body.
    mutating func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// Takes the kept header fields.
    mutating func takeHeaders() -> [HeaderField] {
        defer { headers = [] }
        return headers
    }

    /// Takes one line of a header, line break included.
    ///
    /// `statusOf` is asked at the first line of each answer for the status in it: libcurl has read it, more leniently than it
    /// looks.
    /// - Returns: `false` if the transfer is to end: `refusal` says why.
    mutating func takeHeaderLine(_ line: Span<UInt8>, statusOf: () -> Int) -> Bool {
        headerBytes += line.count
        headerLines += 1
        // libcurl has kept the cookie already, whatever becomes of the line here.
        if line[0] | 0x20 == UInt8(ascii: "s"), line.hasFieldName("set-cookie") { hasCookies = true }
        guard headerBytes <= limits.maxHeaderBytes, headerLines <= limits.maxHeaderLines else {
            refusal = TaskError(
                .protocol,
                "the header is larger than \(limits.maxHeaderBytes >> 10) KiB or \(limits.maxHeaderLines) lines"
            )
            return false
        }
        if isInHeader {
            takeField(line)
        } else if mayBegin {
            beginHeader(statusOf())
        }
        // All others are trailers, which come after the body and which nobody asked for.
        return refusal == nil && !isComplete
    }

    /// Begins anew with each answer of a transfer: interim ones, redirects, the final one.
    ///
    /// Only the last counts.
    private mutating func beginHeader(_ status: Int) {
        headers.removeAll(keepingCapacity: true)
        (retryAfter, contentTypeBytes) = ([], [])
        (isInHeader, mayBegin, isHeaderWhole) = (true, false, false)
        (codings, decoder, hasBodyBegun) = (BodyCodings(), nil, false)
        bodyBytes = 0
        self.status = status
        length = NamedLength()
        (isComplete, bytesLeft, endsWithConnection) = (false, nil, false)
        lastField = .none
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
            if line.hasFieldName("content-length") {
                lastField = .framing
                length.note(line.extracting(line.fieldValue(after: "content-length".utf8.count)))
            } else if line.hasFieldName("content-type") {
                lastField = .contentType
                let value = line.fieldValue(after: "content-type".utf8.count)
                if !value.isEmpty { contentTypeBytes = line.array(value) }
            } else if limits.undoesCodings, line.hasFieldName("content-encoding") {
                lastField = .contentEncoding
                codings.noteContent(line.extracting(line.fieldValue(after: "content-encoding".utf8.count)))
            }
        case UInt8(ascii: "t") where line.hasFieldName("transfer-encoding"):
            lastField = .framing
            codings.noteTransfer(line.extracting(line.fieldValue(after: "transfer-encoding".utf8.count)))
        case UInt8(ascii: "r") where status >= 400 && line.hasFieldName("retry-after"):
            lastField = .retryAfter
            retryAfter = line.array(line.fieldValue(after: "retry-after".utf8.count))
        default: break
        }
        if keepsBody { keepField(line) }
    }

    /// Joins a line that begins with a blank to the field before it (RFC 9112 §5.2).
    ///
    /// libcurl has read the first line alone, and goes by it where it decides how long the body is.
    private mutating func continueField(_ line: Span<UInt8>) {
        let value = line.fieldValue(after: -1)
        if lastField == .none {
            refusal = TaskError(.protocol, "the first field of the header begins with a blank")
        }
        guard !value.isEmpty else { return }
        let bytes = line.array(value)
        switch lastField {
        case .none, .other: break
        case .framing:
            let message = "the header folds what says how long the body is over several lines"
            refusal = TaskError(.protocol, message)
        case .contentEncoding: codings.noteContent(line.extracting(value))
        case .contentType: contentTypeBytes += (contentTypeBytes.isEmpty ? [] : [0x20]) + bytes
        case .retryAfter: retryAfter += (retryAfter.isEmpty ? [] : [0x20]) + bytes
        }
        guard keepsBody, let last = headers.indices.last else { return }
        headers[last].value += (headers[last].value.isEmpty ? "" : " ") + String(ofField: bytes)
    }

    /// The blank line ends the header.
    private mutating func endHeader() {
        isInHeader = false
        guard !isInterim else {
            // The final answer is still to come, but for the one status that promises another protocol.
            mayBegin = status != 101
            if !mayBegin {
                let message = "the server switched to another protocol, which nobody asked for"
                refusal = TaskError(.protocol, message)
            }
            return
        }
        isHeaderWhole = true
        // Where the length decides what the body is. The body of an error is not used, and chunks have their own.
        let countsLength = 200...299 ~= status && status != 204 && status != 205
        if length.differs, countsLength, !codings.isChunked, !limits.isOfHEAD {
            refusal = TaskError(.protocol, "the header names two lengths that differ")
        }
        if codings.hasTransferField, !codings.isChunked { endUnchunked() }
    }

    /// Decides where a body ends whose header names a transfer coding other than `chunked`, such as `identity` or `binary`.
    ///
    /// By RFC 9112 §6.3 that is the end of the connection, whatever length is named, and so libcurl has it. But nobody has asked for such a
    /// coding (§7), those who name one have mostly mistaken the field, and then keep the connection open: a length that they name is right.
    /// The connection is not used again.
    private mutating func endUnchunked() {
        guard !limits.isOfHEAD, status != 204, status != 304 else { return }
        bytesLeft = length.number
        endsWithConnection = bytesLeft == nil
        // A redirect goes on after its header, where its body is not looked at; that of an error is of no use.
        isComplete = bytesLeft == 0 && !(300...399 ~= status) || endsWithConnection && status >= 400
    }

    private mutating func keepField(_ line: Span<UInt8>) {
        guard let colon = line.indices.first(where: { line[$0] == UInt8(ascii: ":") }) else { return }
        let name = line.array(0..<colon).map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
        let value = line.array(line.fieldValue(after: colon))
        headers.append(HeaderField(name: String(ofField: name), value: String(ofField: value)))
    }

    /// Takes a piece of the body as it came.
    ///
    /// `announced` is asked, once, for the length that the header announced.
    /// - Returns: `false` if the transfer is to end: `refusal` says why, unless `isComplete`.
    mutating func takeBody(_ piece: UnsafeRawBufferPointer, announced: () -> Int) -> Bool {
        if let left = bytesLeft {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: piece.prefix(left))
            bytesLeft = nil
            let announced = length.number ?? -1
            guard unsafe takeBody(rest, announced: { announced }) else { return false }
            bytesLeft = left - rest.count
            isComplete = bytesLeft == 0
            return !isComplete
        }
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
            if keepsBody, length > 0 { body.reserveCapacity(length) }
            return true
        }
        do throws(DecodingFault) {
            decoder = try BodyDecoder(codings.all, maxBytes: limits.maxCodedBytes)
            return true
        } catch {
            return refuseBody(error)
        }
    }

    /// Takes a piece of the decoded body.
    private mutating func keep(_ piece: UnsafeRawBufferPointer) -> Bool {
        bodyBytes += piece.count
        guard bodyBytes <= limits.maxBodyBytes else { return refuseBody() }
        guard !isBomb else { return refuseBody(Self.bombError) }
        if keepsBody { unsafe body.append(contentsOf: piece) }
        return true
    }

    /// Refuses a body that cannot be decoded, where it matters: what an answer of another status than 2xx says stands in its header.
    private mutating func refuseBody(_ fault: DecodingFault) -> Bool {
        guard status < 300 else {
            decoder?.isGivenUp = true
            if decoder == nil { codings = BodyCodings() }
            return true
        }
        return refuseBody(TaskError(.decompress, "the body could not be decompressed: \(fault.reason)"))
    }

    /// Notes that so many bytes of the body have come on the wire, kept or dropped; returns whether more may.
    mutating func mayReceive(_ bytes: Int) -> Bool { bytes <= limits.maxBodyBytes || refuseBody() }

    /// Takes the end of the body; returns what is wrong with it.
    mutating func endBody() -> TaskError? {
        // A part of a coded body (206) ends anywhere.
        guard let decoder, !decoder.isWhole, status < 300, status != 206 else { return nil }
        body = []
        return TaskError(.decompress, "the body ends in the middle of its compressed data")
    }

    private var isBomb: Bool {
        guard let decoder, bodyBytes > limits.anyRatioBytes else { return false }
        return bodyBytes / limits.maxRatio > decoder.receivedBytes
    }

    /// True if the status is what the answer comes to although its body was refused.
    var isDecidedByStatus: Bool {
        guard isHeaderWhole, status >= 400, let refusal else { return false }
        return refusal.errorClass == .tooLarge || refusal.errorClass == .decompress
    }

    private static let bombError = TaskError(
        .decompress,
        "more than 200 bytes came out of each byte on the wire; this is a decompression bomb"
    )

    private mutating func refuseBody(_ reason: TaskError? = nil) -> Bool {
        body = []
        refusal =
            reason
            ?? TaskError(.tooLarge, "the body is larger than the limit of \(limits.maxBodyBytes) bytes")
        return false
    }
}

extension String {
    /// The text of a field's bytes: UTF-8, or else Latin-1, which older servers send (RFC 9110 §5.5).
    fileprivate init(ofField bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self = text
        } else {
            self = ""
            for byte in bytes { unicodeScalars.append(Unicode.Scalar(byte)) }
        }
    }
}

extension Span<UInt8> {
    /// Whether a header line's field bears a name, given in lower case; the case of letters does not count.
    fileprivate func hasFieldName(_ name: StaticString) -> Bool {
        let length = name.utf8CodeUnitCount
        guard count > length, self[length] == UInt8(ascii: ":") else { return false }
        // A static string's buffer covers exactly its own bytes.
        return name.withUTF8Buffer { bytes in
            for index in 0..<length where unsafe self[index] | 0x20 != bytes[index] | 0x20 { return false }
            return true
        }
    }

    /// Where the value of a header line lies whose colon is at `colon`, without the blanks around it.
    fileprivate func fieldValue(after colon: Int) -> Range<Int> {
        var (start, end) = (colon + 1, count)
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] <= 0x20 { end -= 1 }
        return start..<end
    }
}
