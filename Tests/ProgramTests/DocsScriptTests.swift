// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests that `Scripts/docs` removes nothing from a folder that is not a documentation site.
///
/// Further tests are about the messages for wrong usage and about the help. No test builds a site;
/// `Scripts/check` builds a site.
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

    /// A site holds a file `metadata.json`, but other programs write files with this name too.
    @Test func folderWithMetadataThatIsNoSiteIsLeftAlone() throws {
        let folder = try ScratchFolder()
        try folder.write("{}", to: "metadata.json")
        try folder.write("notes", to: "notes")
        // The folder holds no built modules. So even a script that does not refuse this folder fails before
        // it removes anything.
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

    @Test func helpNamesAnOption() throws {
        let run = try RunningProgram.run(script, ["--help"])
        #expect(run.end == .status(0))
        #expect(run.output.contains("--hosting-base-path PATH"), "\(run.output)")
    }
}
