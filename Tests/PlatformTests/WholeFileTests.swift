// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import TestFolders
import Testing

@Suite struct WholeFileTests {
    @Test func namesThatCannotBeWrittenAreRefusedBeforeWriting() {
        for (name, reason) in [
            ("", "No such file or directory"), ("/nowhere/x", "No such file or directory"),
            ("/tmp", "Is a directory"), ("/dev/null/x", "Not a directory"),
            ("/tmp/" + String(repeating: "x", count: 300), "File name too long"),
        ] {
            #expect(WholeFile(name, mode: 0o600).refusal == reason, "'\(name)'")
        }
        #expect(WholeFile("/dev/null", mode: 0o600).refusal == nil)
        #expect(WholeFile("/tmp/fetchpool-none", mode: 0o600).refusal == nil)
    }

    @Test(arguments: [
        (UInt32(0o666), UInt32(0o600), UInt32(0o600)), (0o666, 0o664, 0o664), (0o666, 0o755, 0o644),
        (0o600, 0o644, 0o600),
    ])
    func aReplacedFileKeepsOnlyThePermissionsThatTheModeAllows(mode: UInt32, old: UInt32, new: UInt32) throws
    {
        let folder = TestFolder()
        let name = try folder.write("old", to: "file")
        #expect(unsafe chmod(name, old) == 0)
        #expect(WholeFile(name, mode: mode).write(Array("new".utf8)) == nil)
        #expect(try folder.read("file") == "new")
        #expect(SystemPath.status(of: name)?.permissions == new)
    }
}
