// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import FetchClient

struct IncomingAnswerTests {
    private func answer(wantsResponse: Bool = true, maxBodyBytes: Int = 10) -> IncomingAnswer {
        var answer = IncomingAnswer()
        answer.begin(AnswerLimits(maxBodyBytes: maxBodyBytes, wantsResponse: wantsResponse))
        return answer
    }

    private func take(_ lines: [String], into answer: inout IncomingAnswer) {
        for line in lines {
            let bytes = Array("\(line)\r\n".utf8)
            let isTaken = answer.takeHeaderLine(bytes.span)
            #expect(isTaken)
        }
    }

    private func takeBody(_ text: String, announced: Int, into answer: inout IncomingAnswer) -> Bool {
        takeBody(Array(text.utf8), announced: announced, received: text.utf8.count, into: &answer)
    }

    private func takeBody(
        _ bytes: [UInt8],
        announced: Int = -1,
        received: Int,
        into answer: inout IncomingAnswer
    ) -> Bool {
        unsafe bytes.withUnsafeBytes {
            unsafe answer.takeBody($0) {
                announced
            } received: {
                received
            }
        }
    }

    @Test func onlyTheLastHeaderIsKept() {
        var answer = answer()
        take(
            ["HTTP/1.1 103 Early Hints", "Link: </x>", "", "HTTP/1.1 200 OK", "X-Name:  value ", ""],
            into: &answer
        )
        take(["X-Trailer: late"], into: &answer)
        #expect(answer.status == 200)
        #expect(answer.headers == [HeaderField(name: "x-name", value: "value")])
    }

    @Test(arguments: [("7", true), ("8", false), ("07", false)])
    func lengthsOfOneHeaderMustBeTheSame(_ second: String, _ isTaken: Bool) {
        var answer = answer()
        // Those of other answers do not matter.
        take(
            ["HTTP/1.1 302 Found", "Content-Length: 5", "", "HTTP/1.1 200 OK", "Content-Length: 7"],
            into: &answer
        )
        let line = Array("content-length:  \(second)\r\n".utf8)
        let goesOn = answer.takeHeaderLine(line.span)
        #expect(goesOn == isTaken)
        #expect((answer.refusal?.errorClass == .protocol) == !isTaken)
    }

    @Test(arguments: [(200, true), (203, true), (204, false), (205, false), (304, false)])
    func bodyIsKeptWhereThereCanBeOne(_ status: Int, _ isKept: Bool) {
        var answer = answer()
        take(["HTTP/1.1 \(status) Status", ""], into: &answer)
        #expect(answer.keepsBody == isKept)
    }

    @Test func retryAfterIsReadOnErrorsOnly() {
        var answer = answer(wantsResponse: false)
        take(["HTTP/2 301", "retry-after: 5", ""], into: &answer)
        #expect(answer.retryAfter.isEmpty)
        take(["HTTP/2 503", "Retry-After: 7", ""], into: &answer)
        #expect(answer.retryAfter == Array("7".utf8))
    }

    @Test(arguments: [(nil, 11, false), ("gzip", 11, true), (nil, 10, true)])
    func announcedLengthRefusesABodyThatIsSentAsItIs(_ encoding: String?, _ length: Int, _ isTaken: Bool) {
        var answer = answer()
        take(["HTTP/1.1 200 OK"] + (encoding.map { ["Content-Encoding: \($0)"] } ?? []) + [""], into: &answer)
        let goesOn = takeBody("a", announced: length, into: &answer)
        #expect(goesOn == isTaken)
        #expect((answer.refusal?.errorClass == .tooLarge) == !isTaken)
    }

    @Test func decodedBytesAreCounted() {
        var answer = answer()
        take(["HTTP/1.1 200 OK", ""], into: &answer)
        let fits = takeBody("0123456789", announced: -1, into: &answer)
        #expect(fits)
        let fitsMore = takeBody("x", announced: -1, into: &answer)
        #expect(!fitsMore)
        #expect(answer.refusal?.errorClass == .tooLarge)
    }

    @Test func bodyOfAnErrorIsNotKept() {
        var answer = answer()
        take(["HTTP/1.1 404 Not Found", ""], into: &answer)
        let isTaken = takeBody("nothing", announced: 7, into: &answer)
        #expect(isTaken)
        #expect(!answer.keepsBody)
        #expect(answer.body.isEmpty)
    }

    @Test(arguments: [(1_000, 10), (4, 70_000)])
    func headersAreLimitedInLinesAndBytes(_ lines: Int, _ length: Int) {
        var answer = answer(wantsResponse: false)
        take(["HTTP/1.1 200 OK"], into: &answer)
        let line = Array("X: ".utf8) + Array(repeating: UInt8(ascii: "a"), count: length)
        for _ in 1..<lines {
            let isTaken = answer.takeHeaderLine(line.span)
            #expect(isTaken)
        }
        let isTaken = answer.takeHeaderLine(line.span)
        #expect(!isTaken)
        #expect(answer.refusal?.errorClass == .protocol)
    }

    /// A body of so many KiB, given in pieces of 64 while so many of its bytes are said to have come by wire.
    private func bomb(_ kib: Int, wireKiB: Int, encoding: String?) -> TaskError? {
        var answer = answer(wantsResponse: false, maxBodyBytes: 1 << 30)
        take(["HTTP/1.1 200 OK"] + (encoding.map { ["Content-Encoding: \($0)"] } ?? []) + [""], into: &answer)
        let piece = [UInt8](repeating: 0, count: 64 << 10)
        for _ in 0..<(kib / 64) {
            guard takeBody(piece, received: wireKiB << 10, into: &answer) else { return answer.refusal }
        }
        return answer.end(wireBytes: wireKiB << 10)
    }

    @Test(arguments: [
        // The last three: at the end it is known that nothing was uncounted.
        (1_024, 1, "gzip", nil), (64_000, 320, "br", nil), (64_000, 1, nil, nil), (64_000, 1, "gzip", true),
        (64_064, 320, "zstd", true), (1_088, 5, "gzip", true), (1_088, 6, "gzip", nil),
    ])
    func bodyThatGrowsTooMuchIsABomb(_ kib: Int, _ wireKiB: Int, _ encoding: String?, _ isBomb: Bool?) {
        let error = bomb(kib, wireKiB: wireKiB, encoding: encoding)
        #expect(error?.errorClass == (isBomb == true ? .decompress : nil))
        #expect(error?.isRetryable != true)
    }

    @Test func headerIsWholeWithTheBlankLineOfTheFinalAnswer() {
        var answer = answer()
        take(["HTTP/1.1 103 Early Hints", ""], into: &answer)
        #expect(!answer.isHeaderWhole)
        take(["HTTP/1.1 302 Found", ""], into: &answer)
        #expect(answer.isHeaderWhole)
        answer.beginRequest()
        #expect(!answer.isHeaderWhole)
        take(["HTTP/1.1 200 OK", "A: b"], into: &answer)
        #expect(!answer.isHeaderWhole)
    }
}
