// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: 0...16)
    func settingsComeBackEachPropertyForItself(changed: Int) throws {
        var settings = FetchSettings()
        let changes: [(inout FetchSettings) -> Void] = [
            { _ in }, { $0.concurrency = 5 }, { $0.timeout = .milliseconds(1_501) },
            { $0.connectTimeout = .milliseconds(7) },
            { $0.nameLifetime = .zero },
            { $0.maxBodyBytes = 9 }, { $0.maxRedirects = 0 },
            { $0.headers = [HeaderField(name: "A", value: "\"é")] }, { $0.userAgent = "" },
            { $0.certificateFile = "/a b" }, { $0.isInsecure = true }, { $0.isHTTP1Only = true },
            { $0.wantsResponses = true },
            { $0.spoolDirectory = "/s" }, { $0.workerNumber = 3 },
            { $0.proxy = "http://p:3128" }, { $0.privateAddresses = .allow }, { $0.privateAddresses = .deny },
        ]
        changes[changed](&settings)
        #expect((settings == FetchSettings()) == (changed == 0))
        var writer = JSONWriter()
        settings.write(into: &writer)
        var read = FetchSettings()
        try read.apply(0..<writer.bytes.count, of: writer.bytes.span)
        #expect(read == settings)
    }

    @Test func aPolicyThatIsNotKnownClosesWhatItMayMeanToClose() throws {
        var settings = FetchSettings()
        let config = Array(#"{"private_addresses":"some"}"#.utf8)
        try settings.apply(0..<config.count, of: config.span)
        #expect(settings.privateAddresses == .deny)
    }

    @Test func aProxyOfAWorkersOwnGoesWithItsCoordinatorsDefaultAndWithNoMore() throws {
        var settings = FetchSettings()
        let notice = try settings.set(proxy: "http://p:3128", privateAddresses: nil)
        #expect(notice != nil && settings.privateAddresses == .allow)
        settings.privateAddresses = .noRedirect
        try settings.checkProxy()
        settings.privateAddresses = .deny
        #expect(throws: ProxyURL.Refusal.self) { try settings.checkProxy() }
    }

    @Test(
        arguments: [
            ("http://proxy:3128", "http://proxy:3128"), ("proxy:3128", "http://proxy:3128"),
            ("http://PROXY/", "http://proxy:80"), ("[::1]:8080", "http://[::1]:8080"),
            ("localhost", "http://localhost:80"),
            ("http://proxy:3128/?a", nil), ("//proxy", nil), ("ftp://proxy", nil), ("a b:1", nil),
        ]
    )
    func aProxyIsNamedWithItsPort(text: String, url: String?) {
        #expect((try? ProxyURL(reading: text))?.text == url)
    }

    @Test(
        arguments: [
            .inline([]), .inline(Array("é\"\n".utf8)), .segment(SegmentName(worker: 3, number: 7), offset: 5),
            .file(path: "/s/3-7", offset: 9),
        ]
            as [Response.Body]
    )
    func aResponseComesBackWhereverItsBodyIs(body: Response.Body) throws {
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
