// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import LoopbackFixture
import TestFolders
import Testing

@testable import FetchBench

/// Tests the folder of the pages that are served.
struct PageFolderTests {
    private let corpus = TestFolder()

    @Test func corpusIsAllHTMLFilesThatAreNotEmpty() throws {
        for name in ["b.html", "deep/er/a.HTM", "c.htm"] { try corpus.write("<p>\(name)", to: name) }
        for (name, text) in [("d.html", ""), ("e.txt", "<p>"), ("html", "<p>")] {
            try corpus.write(text, to: name)
        }
        try FileManager.default.createSymbolicLink(
            atPath: corpus.file("link.html"),
            withDestinationPath: corpus.file("c.htm")
        )
        let found = try PageFolder.pages(below: corpus.path)
        #expect(
            found.map { String($0.dropFirst(corpus.path.count + 1)) } == [
                "b.html", "c.htm", "deep/er/a.HTM", "link.html",
            ]
        )
    }

    @Test func folderWithoutPagesIsRefused() {
        #expect(throws: BenchError.self) { try PageFolder.pages(below: corpus.path) }
        #expect(throws: BenchError.self) { try PageFolder.pages(below: corpus.file("missing")) }
    }

    @Test(arguments: [
        // The requested number of tasks, and the number of tasks for 4 pages.
        (1, 4), (4, 4), (5, 4), (6, 8), (100, 100), (103, 104),
    ])
    func eachPageIsFetchedAsOftenAsTheOthers(_ number: Int, _ tasks: Int) throws {
        for index in 0..<4 { try corpus.write("<p>\(index)", to: "\(index).html") }
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let pages = try PageFolder(in: folder, corpus: corpus.path)
        #expect(pages.tasks(number) == tasks)
        #expect(pages.text == "4 pages of the corpus of 0.00400 KB on average")
    }
}
