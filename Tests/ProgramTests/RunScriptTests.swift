// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests that `Scripts/run` builds if a program is missing or a source file has changed, and otherwise starts
/// fetchpool without a build.
///
/// A script replaces the compiler.
@Suite(.ownThread) struct RunScriptTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        for name in ["Scripts", "Sources", "Tests", "bin"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(name)",
                withIntermediateDirectories: false
            )
        }
        let script = Snippet.root.appendingPathComponent("Scripts/run").path
        try folder.makeProgram(of: script, "Scripts/run")
        try folder.write("let a = 1\n", to: "Sources/a.swift")
        try folder.write("", to: "Package.swift")
        try folder.writeProgram("echo set up >&2", to: "Scripts/setup")
        try folder.writeProgram(Self.compiler, to: "bin/swift")
        try folder.write("#!/bin/sh\necho \"ran $*\"\n", to: "stub")
    }

    /// A script that prints a line, and creates programs that print their arguments.
    ///
    /// If a file `broken` exists, the script fails. It also fails while a folder `ModuleCache` exists, as the
    /// compiler does if a build in another folder made `ModuleCache`.
    private static let compiler = """
        echo compiled >&2
        test ! -e broken || exit 1
        if test -e .build/release/ModuleCache; then
            echo "error: file 'a.pcm' was compiled with module cache path '/old'"
            exit 1
        fi
        mkdir -p .build/release
        for name in fetchpool fetchpool-fetch fetchpool-process fixture-server fixture-processor; do
            cp stub .build/release/$name
            chmod 755 .build/release/$name
        done
        """

    private func start() throws -> RunningProgram.Finished {
        try folder.run("Scripts/run x y", search: folder.path + "/bin:")
    }

    @Test func secondStartNeitherSetsUpNorBuilds() throws {
        let first = try start()
        #expect(first.output == "ran x y\n", "\(first.errors)")
        #expect(first.errors.contains("set up") && first.errors.contains("building fetchpool"))
        let second = try start()
        #expect(second.output == "ran x y\n")
        #expect(second.errors.isEmpty)
    }

    /// Node, and sshd without a terminal, give a program a socket as its standard input.
    @Test func socketWithDataIsInput() throws {
        _ = try start()
        let code = """
            import socket, subprocess
            ours, theirs = socket.socketpair()
            ours.sendall(b"data:,x")
            subprocess.run(["Scripts/run"], stdin=theirs)
            """
        let run = try folder.run("python3 -c '\(code)'", search: folder.path + "/bin:")
        #expect(run.output == "ran \n", "\(run.errors)")
    }

    @Test(arguments: ["fetchpool", "fetchpool-fetch", "fetchpool-process"])
    func missingProgramIsBuilt(name: String) throws {
        _ = try start()
        try FileManager.default.removeItem(atPath: "\(folder.path)/.build/release/\(name)")
        #expect(try start().errors.contains("building fetchpool"))
        #expect(try start().errors.isEmpty)
    }

    @Test(arguments: ["Sources/a.swift", "Sources/new.swift", "Tests/new.swift", "Package.swift"])
    func changeIsBuilt(file: String) throws {
        _ = try start()
        try folder.write("let a = 22\n", to: file)
        #expect(try start().errors.contains("building fetchpool"))
        #expect(try start().errors.isEmpty)
    }

    @Test func aTreeThatWasMovedIsNotBuilt() throws {
        _ = try start()
        let other = try ScratchFolder()
        for name in ["Scripts", "Sources", "Tests", "bin", "Package.swift", ".build"] {
            try FileManager.default.moveItem(
                atPath: "\(folder.path)/\(name)",
                toPath: "\(other.path)/\(name)"
            )
        }
        let search = other.path + "/bin:"
        let moved = try other.run("Scripts/run x y", search: search)
        #expect(moved.output == "ran x y\n")
        #expect(!moved.errors.contains("compiled"), "\(moved.errors)")
    }

    @Test func aModuleCacheOfAnotherFolderIsRemoved() throws {
        let cache = "\(folder.path)/.build/release/ModuleCache"
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        let first = try start()
        #expect(first.output == "ran x y\n", "\(first.errors)")
        #expect(!FileManager.default.fileExists(atPath: cache))
    }

    @Test func failedBuildShowsItsMessagesAndIsTriedAgain() throws {
        _ = try start()
        try folder.write("", to: "broken")
        try folder.write("let a = 22\n", to: "Sources/a.swift")
        let failed = try start()
        #expect(failed.end == .status(1))
        #expect(failed.errors.contains("compiled"))
        try FileManager.default.removeItem(atPath: folder.path + "/broken")
        #expect(try start().output == "ran x y\n")
    }
}
