// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of a `fetchpool demo` that ends early: it prints no false figures and leaves no files.
@Suite(.ownThread) struct DemoTests {
    private let folder = TestFolder()

    /// Starts the demo with this test's folder for temporary files.
    private func start() throws -> RunningProgram {
        try RunningProgram(
            "/usr/bin/env",
            ["TMPDIR=\(folder.path)", BuiltPrograms.path("fetchpool"), "demo"]
        )
    }

    /// `rows` is the number of rows of the demo's table that are read before the signal.
    ///
    /// Each of the first two rows takes 500 times 17 ms, so the signal comes while one of these rows is
    /// measured.
    @Test(arguments: [(SIGTERM, 0), (SIGHUP, 0), (SIGINT, 1)])
    func signalEndsTheDemo(signal: Int32, rows: Int) throws {
        let demo = try start()
        for _ in 0..<3 + rows { _ = try demo.line() }
        demo.signal(signal)
        let end = try demo.finish()
        #expect(end.output.isEmpty && end.end == .status(128 + signal), "\(end)")
        #expect(folder.names.isEmpty)
    }

    @Test func goneReaderEndsTheDemo() throws {
        let demo = try start()
        demo.stopReading()
        #expect(try demo.waitForEnd() == .status(141))
        #expect(folder.names.isEmpty)
    }

    @Test func missingFolderForTemporaryFilesIsNamed() throws {
        let path = folder.file("missing")
        let demo = try RunningProgram.run(
            "/usr/bin/env",
            ["TMPDIR=\(path)", BuiltPrograms.path("fetchpool"), "demo"]
        )
        let reason = "cannot make a folder in '\(path)' (TMPDIR): No such file or directory"
        #expect(demo.errors == "fetchpool demo: \(reason)\n" && demo.end == .status(1))
    }
}
