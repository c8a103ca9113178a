// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of encoded bodies, correct and faulty, that a server sends.
@Suite(.ownThread)
struct DecodingTests {
    /// A response of the server, and the expected text of the decoded body.
    ///
    /// The text is `nil` if an error is expected.
    struct Case: Sendable {
        /// The lines of the header fields, usually with the codings of the body.
        var codings: [String]
        var body: [UInt8]
        var text: String?
        var status = 200
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    private static let nuls = [UInt8](repeating: 0, count: 16)
    private static let (br, zst) = ("hello brotli hello brotli hello brotli ", "hello zstd hello zstd ")

    /// Fetches all cases from one server; the server sends each body in chunks of at most `piece` bytes.
    private func fetch(
        _ cases: [Case],
        piece: Int = .max,
        _ change: (inout FetchSettings) -> Void = { _ in }
    ) throws -> [FetchResult] {
        let server = try ScriptedServer { request, peer in
            let example = cases[Int(request.target.dropFirst()) ?? 0]
            let fields = example.codings.map { "\($0)\r\n" }.joined()
            peer.send("HTTP/1.1 \(example.status) Status\r\n\(fields)Transfer-Encoding: chunked\r\n\r\n")
            var rest = example.body[...]
            while !rest.isEmpty {
                let part = rest.prefix(piece)
                rest = rest.dropFirst(part.count)
                peer.send(Self.bytes(String(part.count, radix: 16) + "\r\n") + part + Self.bytes("\r\n"))
            }
            peer.send("0\r\n\r\n")
            return .keep
        }
        var settings = FetchSettings()
        (settings.wantsResponses, settings.maxBodyBytes) = (true, 1 << 20)
        change(&settings)
        return try server.fetch(cases.indices.map { #"{"url":"BASE/\#($0)"}"# }, settings)
    }

    private func expect(
        _ results: [FetchResult],
        _ cases: [Case],
        _ location: SourceLocation = #_sourceLocation
    ) {
        for (index, (result, example)) in zip(results, cases).enumerated() {
            let text = result.body.map { String(decoding: $0, as: UTF8.self) }
            let error = result.error?.message ?? "no error"
            #expect(text == example.text, "\(index) \(example.codings): \(error)", sourceLocation: location)
            let errorClass: ErrorClass? = example.text == nil ? .decompress : nil
            #expect(result.error?.errorClass == errorClass, "\(index): \(error)", sourceLocation: location)
            #expect(!error.contains("libcurl"), "\(error)", sourceLocation: location)
        }
    }

    @Test(arguments: [Int.max, 1])
    func wholeBodyIsDecoded(piece: Int) throws {
        let two = Coded.gzip("hello ") + Coded.gzip("world")
        let cases = [
            Case(codings: ["Content-Encoding: gzip"], body: Coded.gzip("hello"), text: "hello"),
            Case(codings: ["Content-Encoding: X-GZIP"], body: Coded.gzip("hello"), text: "hello"),
            Case(codings: ["Content-Encoding: gzip"], body: Coded.zlib("hello"), text: "hello"),
            Case(codings: ["Content-Encoding: deflate"], body: Coded.zlib("hello"), text: "hello"),
            Case(codings: ["Content-Encoding: deflate"], body: Coded.rawDeflate("hello"), text: "hello"),
            Case(codings: ["Content-Encoding: deflate"], body: Coded.gzip("hello"), text: "hello"),
            Case(codings: ["Content-Encoding: br"], body: Coded.brotli, text: Self.br),
            Case(
                codings: ["Content-Encoding: zstd"],
                body: Coded.zstd + Coded.zstd,
                text: Self.zst + Self.zst
            ),
            // The next two cases have several members (RFC 1952 §2.2).
            Case(codings: ["Content-Encoding: gzip"], body: two, text: "hello world"),
            Case(
                codings: ["Content-Encoding: gzip"],
                body: two + two + Coded.gzip(""),
                text: "hello worldhello world"
            ),
            // The next cases have bytes after the end of the encoded data.
            Case(codings: ["Content-Encoding: gzip"], body: two + Self.bytes("\n"), text: "hello world"),
            Case(codings: ["Content-Encoding: gzip"], body: two + Self.nuls, text: "hello world"),
            Case(codings: ["Content-Encoding: gzip"], body: two + [0x1F], text: "hello world"),
            Case(
                codings: ["Content-Encoding: gzip"],
                body: two + Self.bytes("<!-- x -->"),
                text: "hello world"
            ),
            Case(
                codings: ["Content-Encoding: deflate"],
                body: Coded.rawDeflate("hello") + Self.nuls,
                text: "hello"
            ),
            Case(codings: ["Content-Encoding: br"], body: Coded.brotli + Self.bytes("\n"), text: Self.br),
            Case(codings: ["Content-Encoding: zstd"], body: Coded.zstd + Self.bytes("\n"), text: Self.zst),
            Case(codings: ["Content-Encoding: zstd"], body: Coded.zstd + [0x28, 0xB5], text: Self.zst),
            // The next cases have several codings in one or two fields, or a transfer coding.
            Case(
                codings: ["Content-Encoding: deflate", "Content-Encoding: gzip"],
                body: Coded.gzip(Coded.zlib("hello")),
                text: "hello"
            ),
            Case(
                codings: ["Content-Encoding: gzip, gzip"],
                body: Coded.gzip(Coded.gzip("hello")),
                text: "hello"
            ),
            Case(codings: ["Transfer-Encoding: gzip"], body: Coded.gzip("hello"), text: "hello"),
            // The last cases have a name that means no coding, or an empty body.
            Case(codings: ["Content-Encoding: identity, gzip"], body: Coded.gzip("hello"), text: "hello"),
            Case(codings: ["Content-Encoding: none"], body: Self.bytes("hello"), text: "hello"),
            Case(codings: ["Content-Encoding: gzip"], body: [], text: ""),
        ]
        expect(try fetch(cases, piece: piece), cases)
    }

    /// The trailer of gzip has eight bytes, and the trailer of zlib has four bytes.
    @Test(arguments: [Int.max, 1])
    func bodyIsCompleteAlthoughItsTrailerIsCutOrMissing(piece: Int) throws {
        let text = String(repeating: "hello ", count: 50_000)
        let gzip = (1...8).flatMap { missing in
            [
                Case(
                    codings: ["Content-Encoding: gzip"],
                    body: Coded.gzip("hello").dropLast(missing),
                    text: "hello"
                ),
                Case(
                    codings: ["Content-Encoding: gzip"],
                    body: Coded.gzip("hello ") + Coded.gzip("world").dropLast(missing),
                    text: "hello world"
                ),
            ]
        }
        let zlib = (1...4).map { missing in
            Case(
                codings: ["Content-Encoding: deflate"],
                body: Coded.zlib("hello").dropLast(missing),
                text: "hello"
            )
        }
        let others = [
            Case(codings: ["Content-Encoding: gzip"], body: Coded.gzip(text).dropLast(8), text: text),
            Case(codings: ["Content-Encoding: gzip"], body: Coded.gzip("").dropLast(8), text: ""),
            Case(
                codings: ["Content-Encoding: gzip, gzip"],
                body: Coded.gzip(Array(Coded.gzip("hello").dropLast(8))).dropLast(8),
                text: "hello"
            ),
        ]
        let cases = gzip + zlib + others
        expect(try fetch(cases, piece: piece), cases)
    }

    @Test(arguments: [Int.max, 1])
    func incompleteOrBrokenBodyIsAnError(piece: Int) throws {
        let (gzip, plain) = (Coded.gzip("hello hello hello"), Self.bytes("<p>hello</p>"))
        var broken = gzip
        broken[broken.count - 6] ^= 1
        let cases = [
            Case(codings: ["Content-Encoding: gzip"], body: plain),
            Case(codings: ["Content-Encoding: gzip"], body: [0x1F]),
            Case(codings: ["Content-Encoding: gzip"], body: broken),
            Case(codings: ["Content-Encoding: gzip"], body: broken.dropLast(4)),
            Case(codings: ["Content-Encoding: gzip"], body: broken.dropLast(5)),
            Case(codings: ["Content-Encoding: gzip"], body: gzip.dropLast(9)),
            Case(codings: ["Content-Encoding: gzip"], body: Coded.gzip("").dropLast(9)),
            Case(codings: ["Content-Encoding: gzip"], body: gzip + gzip.dropLast(9)),
            Case(codings: ["Content-Encoding: deflate"], body: Coded.zlib("hello").dropLast(5)),
            Case(codings: ["Content-Encoding: gzip"], body: gzip + broken),
            Case(codings: ["Content-Encoding: deflate"], body: Coded.rawDeflate("hello").dropLast()),
            Case(codings: ["Content-Encoding: br"], body: plain),
            Case(codings: ["Content-Encoding: br"], body: Coded.brotli.dropLast(3)),
            Case(codings: ["Content-Encoding: zstd"], body: plain),
            Case(codings: ["Content-Encoding: zstd"], body: Coded.zstd.dropLast(1)),
            // The last case has more codings than `BodyCodings.most`.
            Case(codings: ["Content-Encoding: gzip,gzip,gzip,gzip,gzip,gzip"], body: gzip),
        ]
        expect(try fetch(cases, piece: piece), cases)
    }

    /// The frame names a window of 128 MiB, and has one block with one byte (RFC 8878 §3.1).
    @Test func aZstdFrameWithALargeWindowIsRefusedForItsWindow() throws {
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88, 0x09, 0x00, 0x00, 0x61]
        let error = try fetch([Case(codings: ["Content-Encoding: zstd"], body: frame)], piece: .max)[0].error
        #expect(error?.errorClass == .decompress)
        #expect(error?.message.contains("a window of more than 8 MiB") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "UTF-8", "utf8", "binary", "8bit", "aws-chunked", "iso-8859-1", "text/html", "application/zip",
        "compress",
        "x-compress", "*", "",
    ])
    func unknownCodingLeavesTheBodyUnchanged(name: String) throws {
        let cases = [
            Case(codings: ["Content-Encoding: \(name)"], body: Self.bytes("hello"), text: "hello"),
            // Known codings beside the unknown name are decoded.
            Case(codings: ["Content-Encoding: \(name), gzip"], body: Coded.gzip("hello"), text: "hello"),
            Case(codings: ["Content-Encoding: gzip, \(name)"], body: Coded.gzip("hello"), text: "hello"),
        ]
        expect(try fetch(cases), cases)
    }

    @Test(arguments: ["identity", "Identity;q=1, *;q=0", ""])
    func acceptEncodingWithoutCodingsLeavesEachBodyUnchanged(value: String) throws {
        let plain = Self.bytes("no gzip")
        let cases = [Case(codings: ["Content-Encoding: gzip"], body: plain, text: "no gzip")]
        let results = try fetch(cases) { $0.headers = [HeaderField(name: "accept-encoding", value: value)] }
        expect(results, cases)
    }

    @Test func theAcceptEncodingOfATaskDecidesAboutDecoding() throws {
        let server = try ScriptedServer { _, peer in
            peer.respond("200 OK", "Content-Encoding: gzip", body: Coded.gzip("hello"))
            return .keep
        }
        var settings = FetchSettings()
        settings.wantsResponses = true
        let fields = ["identity", "gzip", "gzip;q=0, identity"].map {
            #","headers":{"Accept-Encoding":"\#($0)"}"#
        }
        let results = try server.fetch(([""] + fields).map { #"{"url":"BASE/"\#($0)}"# }, settings)
        let hello = Self.bytes("hello")
        #expect(results.map { $0.body == hello } == [true, false, true, false])
        #expect(results[1].body == Coded.gzip("hello"))
        #expect(results.map(\.bodyBytes) == [5, 25, 5, 25])
    }

    /// A part of an encoded body usually begins in the middle of the encoded data, and cannot be decoded.
    @Test func aRequestForAPartRefusesCodingsByDefault() throws {
        let part = Array(Coded.gzip("hello").dropFirst(12))
        let server = try ScriptedServer { _, peer in
            peer.respond("206 Partial Content", "Content-Encoding: gzip", body: part)
            return .keep
        }
        let plain = #"{"url":"BASE/"}"#
        let range = #"{"url":"BASE/","headers":{"range":"bytes=12-"}}"#
        let both = #"{"url":"BASE/","headers":{"Range":"bytes=12-","Accept-Encoding":"br"}}"#
        var settings = FetchSettings()
        (settings.wantsResponses, settings.concurrency) = (true, 1)
        let results = try server.fetch([range, both, plain], settings)
        #expect(results.map { $0.body == part } == [true, false, false])
        #expect(results[0].error == nil, "\(results[0].error?.message ?? "")")
        settings.headers = [HeaderField(name: "Range", value: "bytes=12-")]
        #expect(try server.fetch([plain, both], settings).map { $0.body == part } == [true, false])
        settings.headers = [HeaderField(name: "accept-encoding", value: "gzip")]
        #expect(try server.fetch(range, settings).body == nil)
        let values = server.requests.map { $0.values("accept-encoding") }
        let usual = [ContentCoding.accepted]
        #expect(values == [["identity"], ["br"], usual, ["identity"], ["br"], ["gzip"]])
    }

    @Test(arguments: [404, 429, 500, 503])
    func anErrorStatusIsReportedForAnyBody(status: Int) throws {
        let endless = [UInt8](repeating: 0x2E, count: 3 << 20)
        let bomb = Coded.gzip([UInt8](repeating: 0, count: 3 << 20))
        let bodies = [
            ("gzip", Self.bytes("busy")), ("br", Self.bytes("busy")), ("UTF-8", Self.bytes("busy")),
            ("gzip", Coded.gzip("busy").dropLast(2)), ("gzip", bomb), ("none", endless),
            ("gzip,gzip,gzip,gzip,gzip,gzip", Self.bytes("busy")),
        ]
        let cases = bodies.map {
            Case(codings: ["Content-Encoding: \($0)", "Retry-After: 7"], body: Array($1), status: status)
        }
        for result in try fetch(cases) {
            #expect(result.error == TaskError.ofStatus(status))
            #expect(result.status == status && result.retryAfterSeconds == 7 && result.body == nil)
        }
    }

    @Test func bytesThatDecodeToNothingHaveALimit() throws {
        let empty = Array(repeatElement(Coded.gzip(""), count: 200_000).joined())
        let junk = Coded.gzip("hello") + [UInt8](repeating: 0, count: 3 << 20)
        // The outer coding decodes to an empty gzip member and many zeros. The inner coding decodes all these
        // bytes to nothing.
        let inner = Coded.gzip(Coded.gzip("") + [UInt8](repeating: 0, count: 100 << 20))
        let cases = [
            Case(codings: ["Content-Encoding: gzip"], body: empty),
            Case(codings: ["Content-Encoding: gzip"], body: junk),
            Case(codings: ["Content-Encoding: gzip, gzip"], body: inner),
        ]
        let results = try fetch(cases)
        #expect(results.map(\.error?.errorClass) == [.tooLarge, .tooLarge, .decompress])
        #expect(results.allSatisfy { $0.body == nil })
    }

    @Test func partialContentMayEndAnywhere() throws {
        let cases = [
            Case(codings: ["Content-Encoding: gzip"], body: Coded.gzip("").dropLast(4), text: "", status: 206)
        ]
        expect(try fetch(cases), cases)
        // The trailer has eight bytes. So this body also lacks the last four bytes of the compressed data.
        let cut = {
            Case(
                codings: ["Content-Encoding: gzip"],
                body: Coded.gzip("hello").dropLast(12),
                text: "",
                status: $0
            )
        }
        let results = try fetch([cut(206), cut(200)])
        #expect(results.map(\.error?.errorClass) == [nil, .decompress])
    }
}
