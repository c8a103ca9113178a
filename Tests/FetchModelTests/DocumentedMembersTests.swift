// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import PoolWire
import Testing

/// Tests that the page about the worker protocol names all members of a fetch worker's settings and beats.
struct DocumentedMembersTests {
    private let page: String

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = "Sources/PoolWorker/PoolWorker.docc/WorkerProtocol.md"
        page = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func thePageNamesTheSettingsOfAFetchWorker() throws {
        var settings = FetchSettings()
        (settings.userAgent, settings.certificateFile) = ("a", "b")
        settings.proxy = try ProxyURL(reading: "http://c")
        (settings.spoolDirectory, settings.memoryBytes) = ("/d", 1)
        (settings.keepsCookies, settings.recordsHeaders) = (true, true)
        settings.cookies = try CookieFile(reading: Array("h\tFALSE\t/\tFALSE\t0\ta\tb".utf8)).cookies
        settings.logins = [HostLogin(host: "h", user: "a", password: "b")]
        settings.givenAddresses = [try GivenAddresses(reading: "h:80:1.2.3.4")]
        var writer = JSONWriter()
        settings.write(into: &writer)
        try expectNames(of: writer.bytes)
    }

    @Test func thePageNamesTheMembersOfABeat() throws {
        var writer = JSONWriter()
        let segment = SegmentName(worker: 1, number: 2)
        writer.writeBeat(
            Beat(
                rssKB: 1,
                hwmKB: 2,
                inFlight: 3,
                segment: segment,
                isSpoolFull: true,
                spoolFault: "full",
                cookies: ["a"]
            )
        )
        try expectNames(of: writer.bytes)
    }

    private func expectNames(of bytes: [UInt8]) throws {
        let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        let names = try #require(object).keys
        #expect(names.count > 5)
        for name in names {
            #expect(page.contains("`\(name)`") || page.contains("\"\(name)\":"), "\(name)")
        }
    }
}
