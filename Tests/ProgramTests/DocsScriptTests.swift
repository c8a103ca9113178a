// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests that `Scripts/docs` removes only files of a site, and reports wrong usage.
///
/// These tests do not build a site. `Scripts/check` builds one.
@Suite(.ownThread) struct DocsScriptTests {
    private let script = Snippet.root.appendingPathComponent("Scripts/docs").path

    @Test func folderWithOtherFilesIsLeftAlone() throws {
        let folder = try ScratchFolder()
        try folder.write("a letter", to: "letter")
        let run = try RunningProgram.run(script, [folder.path])
        #expect(run.end == .status(1))
        #expect(run.errors.contains("holds something other than a site; name a new folder"), "\(run.errors)")
        #expect(FileManager.default.fileExists(atPath: folder.path + "/letter"))
    }

    /// Many programs call a file `metadata.json`.
    @Test func folderWithMetadataThatIsNoSiteIsLeftAlone() throws {
        let folder = try ScratchFolder()
        try folder.write("{}", to: "metadata.json")
        try folder.write("notes", to: "notes")
        // The folder holds no built modules, so a script that goes on fails before it removes anything.
        let run = try RunningProgram.run(script, ["--built", folder.path, folder.path])
        #expect(run.end == .status(1))
        #expect(run.errors.contains("holds something other than a site; name a new folder"), "\(run.errors)")
        #expect(FileManager.default.fileExists(atPath: folder.path + "/notes"))
    }

    @Test(arguments: [
        (["--base", "/a"], "there is no option '--base'"), (["--built"], "--built needs a value"),
        (["a", "b"], "there is one FOLDER at most"),
    ])
    func wrongUseIsNamed(arguments: [String], message: String) throws {
        let run = try RunningProgram.run(script, arguments)
        #expect(run.end == .status(1))
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    @Test func helpNamesTheOptions() throws {
        let run = try RunningProgram.run(script, ["--help"])
        #expect(run.end == .status(0))
        #expect(run.output.contains("--hosting-base-path PATH"), "\(run.output)")
    }
}
