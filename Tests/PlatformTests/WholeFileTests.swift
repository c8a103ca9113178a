// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import Testing

@testable import Platform

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

    @Test func aFileThatTheFirstWriteMadeIsReplacedByTheSecond() throws {
        let folder = TestFolder()
        let file = WholeFile(folder.file("file"), mode: 0o600)
        #expect(file.mayBeRewritten)
        #expect(file.write(Array("first".utf8)) == nil)
        let first = try #require(SystemPath.status(of: folder.file("file")))
        // The old file keeps a second name. So the new file cannot get the inode number of the old file.
        #expect(unsafe link(folder.file("file"), folder.file("old")) == 0)
        #expect(file.write(Array("second".utf8)) == nil)
        #expect(try folder.read("file") == "second" && folder.read("old") == "first")
        #expect(SystemPath.status(of: folder.file("file"))?.isSame(as: first) == false)
    }

    @Test func anOpenFileWithoutANameIsWrittenInPlace() throws {
        let folder = TestFolder()
        let file = unsafe open(try folder.write("an old and longer text", to: "file"), O_RDWR | O_CLOEXEC)
        defer { close(file) }
        #expect(unsafe unlink(folder.file("file")) == 0)
        let whole = WholeFile("/dev/fd/\(file)", mode: 0o600)
        #expect(whole.refusal == nil && !whole.mayBeRewritten)
        #expect(whole.write(Array("new".utf8)) == nil)
        var bytes = [UInt8](repeating: 0, count: 10)
        #expect(unsafe pread(file, &bytes, 10, 0) == 3 && bytes.starts(with: Array("new".utf8)))
        #expect(folder.names.isEmpty)
    }

    /// The rule of `protected_symlinks` (proc_sys_fs(5)) holds even if the kernel does not apply it.
    @Test func aLinkOfAnotherUserInASharedFolderIsRefused() throws {
        let folder = TestFolder()
        let target = try folder.write("old", to: "target")
        // The owner of the link must not own `/tmp`, and only root can give a link away.
        let link = "/tmp/fetchpool-link-\(UInt64.random(in: .min ... .max))"
        #expect(unsafe symlink(target, link) == 0)
        defer { unsafe _ = unlink(link) }
        let owner = geteuid() == 0 ? 1 : geteuid()
        #expect(unsafe lchown(link, owner, getegid()) == 0)
        #expect(unsafe symlink(link, folder.file("second")) == 0)
        for name in [link, folder.file("second"), "/proc/.." + link] {
            let file = WholeFile(name, mode: 0o600, user: owner + 1)
            #expect(file.refusal == "Permission denied")
            #expect(file.write(Array("new".utf8)) == "Permission denied")
            #expect(try folder.read("target") == "old")
        }
        #expect(WholeFile(link, mode: 0o600, user: owner).write(Array("new".utf8)) == nil)
        #expect(try folder.read("target") == "new")
    }

    @Test(
        .enabled(if: geteuid() == 0),
        arguments: [(UInt32(0o1777), false), (0o777, true), (0o1775, true)]
    )
    func onlyLinksInStickyFoldersThatAllUsersMayWriteToAreRefused(mode: UInt32, isFollowed: Bool) throws {
        let folder = TestFolder()
        let shared = folder.makeFolder("shared")
        let target = try folder.write("old", to: "target")
        #expect(unsafe symlink(target, shared.file("link")) == 0)
        #expect(unsafe chown(shared.path, 2, 2) == 0 && chmod(shared.path, mode) == 0)
        let file = WholeFile(shared.file("link"), mode: 0o600, user: 1)
        #expect((file.write(Array("new".utf8)) == nil) == isFollowed)
        #expect((file.refusal == nil) == isFollowed)
    }
}
