// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import Testing

@Suite("Values that travel")
struct RoundTripTests {
    @Test("settings come back, each property for itself", arguments: 0...13)
    func settings(changed: Int) throws {
        var settings = FetchSettings()
        let changes: [(inout FetchSettings) -> Void] = [
            { _ in }, { $0.concurrency = 5 }, { $0.timeout = .milliseconds(1_501) },
            { $0.connectTimeout = .milliseconds(7) },
            { $0.maxBodyBytes = 9 }, { $0.maxRedirects = 0 },
            { $0.headers = [HeaderField(name: "A", value: "\"é")] }, { $0.userAgent = "" },
            { $0.certificateFile = "/a b" }, { $0.isInsecure = true }, { $0.isHTTP1Only = true },
            { $0.wantsResponses = true },
            { $0.spoolDirectory = "/s" }, { $0.workerNumber = 3 },
        ]
        changes[changed](&settings)
        #expect((settings == FetchSettings()) == (changed == 0))
        var writer = JSONWriter()
        settings.write(into: &writer)
        var read = FetchSettings()
        try read.apply(0..<writer.bytes.count, of: writer.bytes.span)
        #expect(read == settings)
    }

    @Test(
        "a response comes back, wherever its body is",
        arguments: [
            .inline([]), .inline(Array("é\"\n".utf8)), .segment(SegmentName(worker: 3, number: 7), offset: 5),
            .file(path: "/s/3-7", offset: 9),
        ]
            as [Response.Body]
    )
    func response(body: Response.Body) throws {
        let headers = [HeaderField(name: "a", value: "1"), HeaderField(name: "a", value: "")]
        let full = Response(
            status: 200,
            url: "http://a/",
            headers: headers,
            contentType: "text/html",
            charset: "utf-8",
            bytes: 4,
            body: body
        )
        var plain = full
        (plain.contentType, plain.charset, plain.headers) = (nil, nil, [])
        for response in [full, plain] {
            var writer = JSONWriter()
            response.write(into: &writer)
            #expect(try Response(reading: 0..<writer.bytes.count, of: writer.bytes.span) == response)
        }
    }
}
