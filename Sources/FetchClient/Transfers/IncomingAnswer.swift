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
    /// Whether content codings are undone: not where the request asked for none.
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
    private var headerLines = 0
    private var isInHeader = false
    private var codings = BodyCodings()
    private var decoder: BodyDecoder?
    private var hasBodyBegun = false
    /// The length that the header names; `nil` if none.
    private var namedLength: [UInt8]?

    /// Gets ready for a new transfer.
    mutating func begin(_ limits: AnswerLimits) {
        self = IncomingAnswer()
        self.limits = limits
    }

    /// Notes that a request is about to be sent, the first or one after a redirect.
    mutating func beginRequest() {
        isHeaderWhole = false
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
    /// - Returns: `false` if the transfer is to end: `refusal` says why.
    mutating func takeHeaderLine(_ line: Span<UInt8>) -> Bool {
        headerBytes += line.count
        headerLines += 1
        guard headerBytes <= limits.maxHeaderBytes, headerLines <= limits.maxHeaderLines else {
            refusal = TaskError(
                .protocol,
                "the header is larger than \(limits.maxHeaderBytes >> 10) KiB or \(limits.maxHeaderLines) lines"
            )
            return false
        }
        if line.count >= 5, line.holds("HTTP/", at: 0..<5) {
            beginHeader(line)
        } else if isInHeader {
            takeField(line)
        }
        return refusal == nil
    }

    /// Begins anew with each answer of a transfer: interim ones, redirects, the final one.
    ///
    /// Only the last counts.
    private mutating func beginHeader(_ line: Span<UInt8>) {
        headers.removeAll(keepingCapacity: true)
        retryAfter = []
        (isInHeader, hasBodyBegun, isHeaderWhole) = (true, false, false)
        (codings, decoder) = (BodyCodings(), nil)
        bodyBytes = 0
        status = 0
        namedLength = nil
        guard var index = line.indices.first(where: { line[$0] == 0x20 }) else { return }
        index += 1
        while index < line.count, line[index] &- UInt8(ascii: "0") < 10, status < 1_000 {
            status = status * 10 + Int(line[index] - UInt8(ascii: "0"))
            index += 1
        }
    }

    private mutating func takeField(_ line: Span<UInt8>) {
        // The blank line ends the header; what comes after the body are trailers, which nobody asked for.
        guard line[0] != 0x0D, line[0] != 0x0A else {
            isInHeader = false
            // After an interim answer (RFC 9110 §15.2) the final one is still to come.
            isHeaderWhole = status >= 200
            return
        }
        switch line[0] | 0x20 {
        case UInt8(ascii: "c") where limits.undoesCodings && line.hasFieldName("content-encoding"):
            codings.noteContent(line.extracting(line.fieldValue(after: "content-encoding".utf8.count)))
        case UInt8(ascii: "t") where line.hasFieldName("transfer-encoding"):
            codings.noteTransfer(line.extracting(line.fieldValue(after: "transfer-encoding".utf8.count)))
        case UInt8(ascii: "c") where line.hasFieldName("content-length"):
            noteLength(line.array(line.fieldValue(after: "content-length".utf8.count)))
        case UInt8(ascii: "s") where line.hasFieldName("set-cookie"): hasCookies = true
        case UInt8(ascii: "r") where status >= 400 && line.hasFieldName("retry-after"):
            retryAfter = line.array(line.fieldValue(after: "retry-after".utf8.count))
        default: break
        }
        if keepsBody { keepField(line) }
    }

    /// Two lengths that differ leave open where the next answer begins: the answer must not be used (RFC 9112 §6.3).
    ///
    /// libcurl 7.88 takes the last.
    private mutating func noteLength(_ length: [UInt8]) {
        if let namedLength, namedLength != length {
            refusal = TaskError(.protocol, "the header names two lengths that differ")
        }
        namedLength = length
    }

    private mutating func keepField(_ line: Span<UInt8>) {
        guard let colon = line.indices.first(where: { line[$0] == UInt8(ascii: ":") }) else { return }
        let name = line.array(0..<colon).map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
        let field = HeaderField(
            name: String(decoding: name, as: UTF8.self),
            value: String(decoding: line.array(line.fieldValue(after: colon)), as: UTF8.self)
        )
        headers.append(field)
    }

    /// Takes a piece of the body as it came.
    ///
    /// `announced` is asked, once, for the length that the header announced.
    /// - Returns: `false` if the transfer is to end: `refusal` says why.
    mutating func takeBody(_ piece: UnsafeRawBufferPointer, announced: () -> Int) -> Bool {
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

    /// Notes that so many bytes of the body have come on the wire, kept or dropped; answers whether more may.
    mutating func mayReceive(_ bytes: Int) -> Bool { bytes <= limits.maxBodyBytes || refuseBody() }

    /// Takes the end of the body; answers what is wrong with it.
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

    /// Whether the status is what the answer comes to although its body was refused.
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
