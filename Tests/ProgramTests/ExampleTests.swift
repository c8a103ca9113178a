// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests of the examples in `Sources/Examples`.
///
/// The documentation pages show the examples unchanged, and the examples run. A test here runs
/// `example-requests`. Commands on the pages run most of the other examples, and `DocumentationTests` tests
/// these commands.
@Suite(.ownThread) struct ExampleTests {
    private static let processors = "Sources/ResponseProcessors/ResponseProcessors.docc"
    private static let requests = "Sources/ProcessPool/ProcessPool.docc/ManyRequests.md"

    @Test(arguments: [
        ("Requests/Requests.swift", requests),
        ("Prices/Prices.swift", processors + "/WritingAProcessor.md"),
        ("CPrices/prices.c", processors + "/AParserInC.md"),
        ("PricesInC/PricesInC.swift", processors + "/AParserInC.md"),
        ("Python/factors.py", "Sources/PoolWorker/PoolWorker.docc/WritingAWorkerInPython.md"),
    ])
    func exampleIsShownAsItIs(file: String, page: String) throws {
        let example = try DocumentationPages.text("Sources/Examples/\(file)")
        // The page leaves out the first two lines of the file, which name the licence and the project.
        let shown = example.split(separator: "\n\n", maxSplits: 1).last.map(String.init)
        #expect(try Snippet.all(of: page).contains { $0.text == shown }, "\(page) does not show \(file)")
    }

    @Test func requestsAreMadeAsThePageSays() throws {
        let server = try FixtureServer()
        let run = try RunningProgram.run("example-requests", [server.base], within: .seconds(180))
        #expect(run.end == .status(0), "\(run.errors)")
        let shown = try Snippet.all(of: Self.requests).filter { $0.language == "text" }.map(\.text)
        #expect(shown.contains(run.output), "\(run.output)\(run.errors)")
        // 499 pages are fetched twice. Nine of these pages fail twice at first. The page without a response
        // is requested four times.
        #expect(try server.statistics().requests >= 998 + 2 * 9 + 4)
    }
}
