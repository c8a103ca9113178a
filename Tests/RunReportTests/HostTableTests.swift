// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import RunReport

@Suite struct HostTableTests {
    private func count(_ table: inout HostTable, _ name: String, failures: Int, ms: Double = 1) {
        for _ in 0..<failures { table.count(Array(name.utf8), isFailure: true, .connect, milliseconds: ms) }
    }

    @Test func allHostsAreExactWhileTheyFit() {
        var table = HostTable(capacity: 100)
        for host in 1...100 { count(&table, "h\(host)", failures: host) }
        #expect(!table.isPartial && table.distinct == 100)
        #expect(table.hosts.allSatisfy { $0.name == "h\($0.failures)" && $0.leadingClass == .connect })
    }

    @Test func theHostsWithTheLargestWeightsStay() throws {
        var table = HostTable(capacity: 64)
        for round in 0..<20_000 {
            count(&table, "once-\(round)", failures: 1)
            if round % 10 == 0 { count(&table, "often", failures: 2) }
            if round % 100 == 0 {
                table.count(Array("slow".utf8), isFailure: false, nil, milliseconds: 30_000)
            }
        }
        #expect(table.isPartial && table.hosts.count <= 64)
        let often = try #require(table.hosts.first { $0.name == "often" })
        #expect(often.failures == 4_000)
        #expect(try #require(table.hosts.first { $0.name == "slow" }).fetches == 200)
        #expect(abs(Double(table.distinct) / 20_002 - 1) < 0.1)
    }

    @Test func theNumberOfDifferentHostsIsEstimated() {
        var count = DistinctCount()
        for number in 0..<100_000 {
            var hasher = Hasher()
            hasher.combine(number)
            let hash = UInt64(bitPattern: Int64(hasher.finalize()))
            for _ in 0..<2 { count.add(hash) }
        }
        #expect(abs(Double(count.estimate) / 100_000 - 1) < 0.1)
    }

    @Test(
        arguments: [
            (#""https://example.com/a""#, "example.com"), (#""http://example.com:8080""#, "example.com:8080"),
            (#""https:\/\/EXAMPLE.com:443\/x""#, "example.com"), (#""http://u:p@h.example/""#, "h.example"),
            (#""http://[::1]:81/""#, "[::1]:81"), (#""example.com/path""#, "example.com"),
            (#""data:,x""#, "data: URLs"), (#""http://b\u00fccher.example/""#, "xn--bcher-kva.example"),
            (#""no host at all""#, nil),
        ] as [(String, String?)]
    )
    func theHostOfARecordIsReadFromItsURL(url: String, host: String?) throws {
        let line = Array(#"{"outcome":"ok","url":\#(url)}"#.utf8)
        let read = ReportRecord(reading: line.span)
        let record = try #require(read)
        var name = HostName()
        let isRead = name.read(record, in: line.span)
        #expect((isRead ? String(decoding: name.bytes, as: UTF8.self) : nil) == host)
    }
}
