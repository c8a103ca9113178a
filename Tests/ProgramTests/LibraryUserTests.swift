// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests that the README's program for users of the library `ProcessPool` runs.
///
/// The program runs as an example of this package, and as a separate package.
@Suite(.ownThread) struct LibraryUserTests {
    private static let output = "42\n2\n4\n6\n"

    private func snippet(_ page: String, holding text: String) throws -> String {
        try #require(try Snippet.all(of: page).first { $0.language == "swift" && $0.text.contains(text) })
            .text
    }

    @Test func shownExampleRuns() throws {
        let shown = try snippet("README.md", holding: "serveIfWorker")
        let page = try snippet(
            "Sources/ProcessPool/ProcessPool.docc/ProcessPool.md",
            holding: "serveIfWorker"
        )
        let example = try DocumentationPages.text("Sources/Examples/Doubles/Doubles.swift")
        #expect(example.hasSuffix("\n\n" + shown))
        #expect(page == shown)
        let run = try RunningProgram.run("example-doubles")
        #expect(run.output == Self.output, "\(run.errors)")
        #expect(run.end == .status(0))
    }

    @Test(.ownThread(within: .seconds(1_200), isFirst: true)) func packageOfAUserBuildsAndRuns() throws {
        let folder = try ScratchFolder()
        let manifest = try snippet("README.md", holding: "PackageDescription")
        try folder.write(
            manifest.replacing("../fetchpool", with: "\(folder.path)/fetchpool"),
            to: "Package.swift"
        )
        let sources = "\(folder.path)/Sources/doubles"
        try FileManager.default.createDirectory(atPath: sources, withIntermediateDirectories: true)
        try folder.write(snippet("README.md", holding: "serveIfWorker"), to: "Sources/doubles/Doubles.swift")
        // The link is called `fetchpool`, because the name of a package is the last part of its path.
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/fetchpool",
            withDestinationPath: Snippet.root.path
        )
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let run = try RunningProgram.run(
            "/bin/sh",
            [
                "-ec",
                """
                cd '\(folder.path)'
                export PATH='\(path)' HOME='\(folder.path)'
                swift build --disable-sandbox >log 2>&1 || { cat log >&2; exit 1; }
                exec .build/debug/doubles
                """,
            ],
            within: .seconds(1_100)
        )
        #expect(run.output == Self.output, "\(run.errors)")
        #expect(run.end == .status(0))
    }
}
