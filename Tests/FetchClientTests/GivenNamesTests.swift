// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import FetchClient

/// Tests of the lines of CURLOPT_RESOLVE (`GivenNames`).
///
/// In the name of a test, a turn is a turn of the client's loop (`GivenNames.endTurn`).
struct GivenNamesTests {
    private func host(
        _ name: String,
        _ version: Int = 1,
        _ result: LookupResult = .addresses([.v4(0x7F00_0001), .v6(1)])
    ) -> NamedHost {
        NamedHost(name: name, port: 80, known: NameCache.Known(result: result, version: version))
    }

    @Test func allAddressesAreGivenInTheirOrder() {
        var given = GivenNames(concurrency: 1)
        #expect(given.lines(for: host("a.test")) == ["a.test:80:127.0.0.1,[::1]"])
    }

    @Test func linesAreNotRepeatedAfterATurn() {
        var given = GivenNames(concurrency: 1)
        #expect(given.lines(for: host("a.test")).count == 1)
        #expect(given.lines(for: host("a.test")).count == 1)
        given.endTurn()
        #expect(given.lines(for: host("a.test")).isEmpty)
        #expect(given.lines(for: host("a.test", 2)).count == 1)
    }

    @Test func namesLeftToLibcurlHaveNoLines() {
        var given = GivenNames(concurrency: 1)
        #expect(given.lines(for: host("a.test", 1, .leftToLibcurl)).isEmpty)
        #expect(given.lines(for: NamedHost(name: "a.test", port: 80)).isEmpty)
    }

    @Test func unusedHostsAreRemovedAndUsedHostsStay() {
        var given = GivenNames(concurrency: 16)
        var held: Set<String> = []
        for number in 0..<5_000 {
            for host in [host("new\(number)"), host("used")] {
                for line in given.lines(for: host) {
                    if line.hasPrefix("-") {
                        #expect(held.remove(String(line.dropFirst())) != nil, "\(line)")
                    } else {
                        held.insert(line.split(separator: ":").prefix(2).joined(separator: ":"))
                    }
                }
            }
            given.endTurn()
            #expect(held.isSuperset(of: ["used:80", "new\(number):80"]))
            #expect(held.count <= 64 + 4)
        }
        #expect(given.count == held.count)
    }
}
