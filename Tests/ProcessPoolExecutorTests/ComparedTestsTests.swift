// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Testing

/// Tests of the page that compares the tests in this folder with the tests of other pools.
struct ComparedTestsTests {
    @Test func testsThatThePageNamesExist() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
        let path = "Sources/ProcessPool/ProcessPool.docc/TestsOfOtherPools.md"
        let page = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let sources = try files.filter { $0.hasSuffix(".swift") }.map {
            try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
        }.joined()
        var named = 0
        for row in page.split(separator: "\n") where row.hasPrefix("| ") {
            for name in row.matches(of: /`([a-z][A-Za-z]{15,})`/).map(\.1) {
                named += 1
                #expect(sources.contains("func \(name)("), "the page names \(name)")
            }
        }
        #expect(named > 60)
    }
}
