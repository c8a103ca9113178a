// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import FetchClient

struct ResponseCollectorTests {
    private func collector(wantsResponse: Bool = true, maxBodyBytes: Int = 10) -> ResponseCollector {
        var collector = ResponseCollector()
        collector.begin(ResponseLimits(maxBodyBytes: maxBodyBytes, wantsResponse: wantsResponse))
        return collector
    }

    private func take(_ lines: [String], into collector: inout ResponseCollector) {
        for line in lines {
            let isTaken = takeLine(line, into: &collector)
            #expect(isTaken)
        }
    }

    /// Passes a line of a header to `collector`; returns false if the transfer must end.
    ///
    /// If a header is complete and its status is 300 or more, the next status line belongs to a new request.
    private func takeLine(_ line: String, into collector: inout ResponseCollector) -> Bool {
        takeLine(Array("\(line)\r\n".utf8), into: &collector)
    }

    private func takeLine(_ line: [UInt8], into collector: inout ResponseCollector) -> Bool {
        let isFirst = line.starts(with: "HTTP/".utf8)
        if isFirst, collector.isHeaderWhole, collector.status >= 300 { collector.beginRequest() }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        return collector.takeHeaderLine(line.span) { Int(words[1].prefix(3)) ?? 0 }
    }

    private func takeBody(_ text: String, announced: Int, into collector: inout ResponseCollector) -> Bool {
        takeBody(Array(text.utf8), announced: announced, into: &collector)
    }

    private func takeBody(
        _ bytes: [UInt8],
        announced: Int = -1,
        into collector: inout ResponseCollector
    ) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe collector.takeBody($0) { announced } }
    }

    @Test func onlyTheLastHeaderIsKept() {
        var collector = collector()
        take(
            ["HTTP/1.1 103 Early Hints", "Link: </x>", "", "HTTP/1.1 200 OK", "X-Name:  value ", ""],
            into: &collector
        )
        take(["X-Trailer: late"], into: &collector)
        #expect(collector.status == 200)
        #expect(collector.headers == [HeaderField(name: "x-name", value: "value")])
    }

    @Test(arguments: [(0, true), (99, true), (100, false), (999, false)])
    func aStatusBelow100IsRefused(status: Int, isRefused: Bool) {
        var collector = collector()
        let goesOn = collector.takeHeaderLine(Array("HTTP/2 \(status)\r\n".utf8).span) { status }
        #expect(goesOn == !isRefused)
        #expect((collector.refusal?.errorClass == .protocol) == isRefused)
    }

    @Test(
        arguments: [
            (["7", "7"], 200, false), (["7", "8"], 200, true), (["7", "07"], 200, false),
            (["7, 7"], 203, false), (["7, 8"], 200, true), (["", "7"], 200, true),
            // libcurl would take the leading digits as the length.
            (["7 bytes", "7 bytes"], 200, true), (["1.000"], 200, true), (["0x10"], 200, true),
            // The lengths do not matter if there is no body, or if the body is not used.
            (["7", "8"], 204, false), (["7", "8"], 302, false), (["7", "8"], 404, false),
        ] as [([String], Int, Bool)]
    )
    func differentOrUnclearLengthsOfAUsedBodyAreRefused(_ lengths: [String], _ status: Int, _ isRefused: Bool)
    {
        var collector = collector()
        // The lengths of earlier responses do not matter.
        take(["HTTP/1.1 302 Found", "Content-Length: 5", "", "HTTP/1.1 \(status) Status"], into: &collector)
        take(lengths.map { "content-length:  \($0)" }, into: &collector)
        let goesOn = takeLine("", into: &collector)
        #expect(goesOn == !isRefused)
        #expect((collector.refusal?.errorClass == .protocol) == isRefused)
    }

    /// libcurl would ignore such a length, and read to the end of the connection.
    @Test(arguments: [(200, true), (204, false), (404, false)])
    func aLengthOfMoreThan63BitsIsTooLarge(status: Int, isRefused: Bool) {
        var collector = collector()
        take(["HTTP/1.1 \(status) Status", "Content-Length: 18446744073709551615"], into: &collector)
        let goesOn = takeLine("", into: &collector)
        #expect(goesOn == !isRefused)
        #expect(collector.refusal?.errorClass == (isRefused ? .tooLarge : nil))
    }

    /// libcurl would not find the end of the body.
    ///
    /// libcurl ignores a field with a blank before its colon. It does not read the values of the fields
    /// without such a blank as `chunked`. `end.isComplete` is `nil` if the response is refused.
    @Test(
        arguments: [
            "Transfer-Encoding : chunked", "transfer-encoding\t: chunked", "Content-Length  : 5",
            "Transfer-Encoding: chunked;x=1", "Transfer-Encoding: \"chunked\"",
            "Transfer-Encoding: ch unked", "Transfer-Encoding: \u{B}chunked",
            "Transfer-Encoding: chunked\u{1}",
        ],
        [(200, nil), (404, true), (304, false)] as [(status: Int, isComplete: Bool?)]
    )
    func aBodyWithoutAClearEndIsRefused(field: String, end: (status: Int, isComplete: Bool?)) {
        var collector = collector()
        take(["HTTP/1.1 \(end.status) Status", field], into: &collector)
        let goesOn = takeLine("", into: &collector)
        #expect(goesOn == (end.isComplete == false))
        #expect(collector.refusal?.errorClass == (end.isComplete == nil ? .protocol : nil))
        #expect(collector.isComplete == (end.isComplete == true))
        collector.begin(ResponseLimits(maxBodyBytes: 10, wantsResponse: true))
        take(["HTTP/1.1 200 OK", "Content-Length: 5", ""], into: &collector)
        #expect(collector.refusal == nil, "an earlier response does not matter")
    }

    @Test(arguments: ["chunked", "Chunked \t", ",,chunked,", "gzip, chunked", "chunked\u{B}"])
    func chunkedMayStandInAList(value: String) {
        var collector = collector()
        take(["HTTP/1.1 200 OK", "Transfer-Encoding: \(value)", ""], into: &collector)
        #expect(collector.refusal == nil && !collector.endsWithConnection)
    }

    @Test func blanksBeforeTheColonOfAFieldThatFramesNoBodyAreIgnored() {
        var collector = collector()
        take(
            [
                "HTTP/1.1 503 Slow", "Content-Type : text/html", "Retry-After\t: 7", "X : y",
                "Set-Cookie : a=b", "",
            ],
            into: &collector
        )
        #expect(collector.contentType == "text/html")
        #expect(collector.retryAfter == Array("7".utf8))
        #expect(collector.hasCookies)
    }

    @Test func lengthsDoNotMatterForChunksAndForAHEAD() {
        let lengths = ["HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 6"]
        var chunked = collector()
        take(lengths + ["Transfer-Encoding: chunked", ""], into: &chunked)
        #expect(chunked.refusal == nil)
        var head = ResponseCollector()
        var limits = ResponseLimits(maxBodyBytes: 10, wantsResponse: false)
        limits.isOfHEAD = true
        head.begin(limits)
        take(lengths + [""], into: &head)
        #expect(head.refusal == nil)
    }

    @Test func aFieldLineLikeAStatusLineIsAField() {
        var collector = collector()
        take(["http/1.1  200 ok", "HTTP/1.1: yes", "HTTP/1.1 404 Not Found", ""], into: &collector)
        #expect(collector.isHeaderWhole)
        take(["HTTP/X: 500"], into: &collector)
        #expect((collector.status, collector.isHeaderWhole) == (200, true))
    }

    @Test func linesThatBeginWithABlankContinueTheField() {
        var collector = collector()
        take(
            [
                "HTTP/1.1 200 OK", "Content-Type: text/plain;", " charset=utf-8", "X-A: one", "\t two",
                "  ", " three", "",
            ],
            into: &collector
        )
        #expect(collector.contentType == "text/plain; charset=utf-8")
        #expect(collector.headers[1] == HeaderField(name: "x-a", value: "one two three"))
    }

    @Test(arguments: [[" X: y"], [" "], ["Content-Length: 2", " 0"], ["Transfer-Encoding:", "\tchunked"]])
    func aContinuationLineBeforeAnyFieldOrOfAFramingFieldIsRefused(_ lines: [String]) {
        var collector = collector()
        take(["HTTP/1.1 200 OK"] + lines.dropLast(), into: &collector)
        let goesOn = takeLine(lines.last ?? "", into: &collector)
        #expect(!goesOn)
        #expect(collector.refusal?.errorClass == .protocol)
    }

    @Test func aValueThatIsNotUTF8IsReadAsLatin1() {
        var collector = collector()
        take(["HTTP/1.1 200 OK"], into: &collector)
        for value in [[0xFC], Array("ü".utf8)] as [[UInt8]] {
            let isTaken = takeLine(Array("X: ".utf8) + value + [0x0D, 0x0A], into: &collector)
            #expect(isTaken)
        }
        #expect(collector.headers.map(\.value) == ["ü", "ü"])
    }

    @Test func switchToAnotherProtocolIsRefused() {
        var collector = collector()
        take(["HTTP/1.1 101 Switching Protocols", "Upgrade: x"], into: &collector)
        let goesOn = takeLine("", into: &collector)
        #expect(!goesOn)
        #expect(collector.refusal?.errorClass == .protocol)
    }

    @Test func cookieOfARefusedLineIsNoticed() {
        var collector = collector()
        take(["HTTP/1.1 200 OK"] + Array(repeating: "X: y", count: 999), into: &collector)
        #expect(!collector.hasCookies)
        let goesOn = takeLine("Set-Cookie: a=b", into: &collector)
        #expect(!goesOn)
        #expect(collector.hasCookies)
    }

    @Test(arguments: [(200, true), (203, true), (204, false), (205, false), (304, false)])
    func bodyIsKeptIfTheStatusAllowsOne(_ status: Int, _ isKept: Bool) {
        var collector = collector()
        take(["HTTP/1.1 \(status) Status", ""], into: &collector)
        #expect(collector.keepsBody == isKept)
    }

    @Test func retryAfterIsReadOnErrorsOnly() {
        var collector = collector(wantsResponse: false)
        take(["HTTP/2 301", "retry-after: 5", ""], into: &collector)
        #expect(collector.retryAfter.isEmpty)
        take(["HTTP/2 503", "Retry-After: 7", ""], into: &collector)
        #expect(collector.retryAfter == Array("7".utf8))
    }

    @Test(arguments: [(nil, 11, false), ("gzip", 11, true), (nil, 10, true)])
    func anUnencodedBodyIsRefusedByItsLength(_ encoding: String?, _ length: Int, _ isTaken: Bool) {
        var collector = collector()
        take(
            ["HTTP/1.1 200 OK"] + (encoding.map { ["Content-Encoding: \($0)"] } ?? []) + [""],
            into: &collector
        )
        let goesOn = takeBody("a", announced: length, into: &collector)
        #expect(goesOn == isTaken)
        #expect((collector.refusal?.errorClass == .tooLarge) == !isTaken)
    }

    @Test func bodyBytesAreCountedAgainstTheLimit() {
        var collector = collector()
        take(["HTTP/1.1 200 OK", ""], into: &collector)
        let fits = takeBody("0123456789", announced: -1, into: &collector)
        #expect(fits)
        let fitsMore = takeBody("x", announced: -1, into: &collector)
        #expect(!fitsMore)
        #expect(collector.refusal?.errorClass == .tooLarge)
    }

    @Test(arguments: [8 << 20, .max])
    func anAnnouncedLengthReservesLittleMemory(length: Int) {
        var collector = collector(maxBodyBytes: .max)
        take(["HTTP/1.1 200 OK", ""], into: &collector)
        let isTaken = takeBody("a", announced: length, into: &collector)
        #expect(isTaken)
        #expect(collector.body.capacity <= 4 << 20)
    }

    @Test func bodyOfAnErrorIsNotKept() {
        var collector = collector()
        take(["HTTP/1.1 404 Not Found", ""], into: &collector)
        let isTaken = takeBody("nothing", announced: 7, into: &collector)
        #expect(isTaken)
        #expect(!collector.keepsBody)
        #expect(collector.body.isEmpty)
    }

    @Test(arguments: [(1_000, 10), (4, 70_000)])
    func headersAreLimitedInLinesAndBytes(_ lines: Int, _ length: Int) {
        var collector = collector(wantsResponse: false)
        take(["HTTP/1.1 200 OK"], into: &collector)
        let line = Array("X: ".utf8) + Array(repeating: UInt8(ascii: "a"), count: length)
        for _ in 1..<lines {
            let isTaken = takeLine(line, into: &collector)
            #expect(isTaken)
        }
        let isTaken = takeLine(line, into: &collector)
        #expect(!isTaken)
        #expect(collector.refusal?.errorClass == .protocol)
    }

    /// Returns the error of a body of `kib` KiB; `nil` if the body is accepted.
    ///
    /// Every `distance`-th byte of the body is random, and the other bytes are zero. With an `encoding`, the
    /// body is compressed with gzip.
    private func bomb(_ kib: Int, randomEvery distance: Int, encoding: String?) -> TaskError? {
        var collector = collector(wantsResponse: false, maxBodyBytes: 1 << 30)
        take(
            ["HTTP/1.1 200 OK"] + (encoding.map { ["Content-Encoding: \($0)"] } ?? []) + [""],
            into: &collector
        )
        var generator = SystemRandomNumberGenerator()
        var bytes = [UInt8](repeating: 0, count: kib << 10)
        for index in stride(from: 0, to: bytes.count, by: distance) {
            bytes[index] = UInt8.random(in: 0...255, using: &generator)
        }
        let body = encoding == nil ? bytes : Coded.gzip(bytes)
        for start in stride(from: 0, to: body.count, by: 16 << 10) {
            let piece = Array(body[start..<min(start + 16 << 10, body.count)])
            guard takeBody(piece, into: &collector) else { return collector.refusal }
        }
        return collector.endBody()
    }

    @Test(arguments: [
        (1_024, 1 << 30, "gzip", false), (2_048, 1 << 30, nil, false), (2_048, 1 << 30, "gzip", true),
        (64_000, 1 << 30, "x-gzip", true), (4_096, 64, "gzip", false),
    ])
    func bodyThatGrowsTooMuchIsABomb(_ kib: Int, _ distance: Int, _ encoding: String?, _ isBomb: Bool) {
        let error = bomb(kib, randomEvery: distance, encoding: encoding)
        #expect(error?.errorClass == (isBomb ? .decompress : nil), "\(error?.message ?? "")")
        #expect(error?.isRetryable != true)
    }

    @Test func theBlankLineOfTheFinalResponseEndsTheHeader() {
        var collector = collector()
        take(["HTTP/1.1 103 Early Hints", ""], into: &collector)
        #expect(!collector.isHeaderWhole)
        take(["HTTP/1.1 302 Found", ""], into: &collector)
        #expect(collector.isHeaderWhole)
        collector.beginRequest()
        #expect(!collector.isHeaderWhole)
        take(["HTTP/1.1 200 OK", "A: b"], into: &collector)
        #expect(!collector.isHeaderWhole)
    }
}
