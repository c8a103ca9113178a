// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import TestFolders
import TestThreads
import Testing

@testable import FetchRun

@Suite(.ownThread)
struct ReportFileTests {
    private let folder = TestFolder()
    private let json = Array(#"{"v":1}"#.utf8)

    private func report(_ path: String) throws -> ReportFile { try ReportFile(path, option: "--stats") }

    @Test func aFileIsReplacedByAFileWithTheSamePermissions() throws {
        let path = try folder.write("an earlier summary, and a longer one", to: "stats")
        unsafe _ = chmod(path, 0o640)
        let before = try #require(SystemPath.status(of: path))
        let stats = try report(path)
        #expect(stats.mayBeRewritten)
        #expect(try folder.read("stats") == "an earlier summary, and a longer one")
        #expect(stats.write(json, orUntil: { false }) == nil)
        #expect(try folder.read("stats") == #"{"v":1}"#)
        let after = try #require(SystemPath.status(of: path))
        #expect(!after.isSame(as: before), "the old file was rewritten, which disturbs its readers")
        #expect(after.permissions == 0o640)
        #expect(folder.names == ["stats"])
    }

    @Test func aSymbolicLinkStaysWhenItsFileIsReplaced() throws {
        try folder.write("old", to: "real")
        unsafe _ = symlink("real", folder.file("link"))
        #expect(try report(folder.file("link")).write(json, orUntil: { false }) == nil)
        #expect(try folder.read("real") == #"{"v":1}"#)
        #expect(folder.names == ["link", "real"])
    }

    @Test(arguments: ["none/stats", "."])
    func aPathThatCannotBeWrittenIsRefusedBeforeTheRun(name: String) {
        let path = folder.file(name)
        let error = #expect(throws: RunError.self) { try report(path) }
        #expect(error?.description.hasPrefix("cannot write --stats '\(path)': ") == true)
        #expect(error?.exitStatus == 3)
    }

    @Test func theErrorForAFullDeviceHasItsNameAndTheSystemsMessage() throws {
        let full = try report("/dev/full")
        #expect(!full.mayBeRewritten)
        let failure = full.write(json, orUntil: { false })
        #expect(failure == .io("cannot write --stats '/dev/full': No space left on device"))
    }

    @Test func anOpenDescriptorIsWrittenFromItsPositionAndNotEmptied() throws {
        let path = try folder.write("", to: "records")
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
        defer { close(file) }
        unsafe _ = write(file, "record\n", 7)
        let stats = try report("/dev/fd/\(file)")
        #expect(!stats.mayBeRewritten)
        #expect(stats.write(json, orUntil: { false }) == nil)
        #expect(try folder.read("records") == "record\n" + #"{"v":1}"#)
    }

    @Test(arguments: ["/dev/fd/999999", "/proc/self/fd/999999"])
    func aDescriptorThatIsNotOpenIsRefused(path: String) {
        #expect(throws: RunError.io("cannot write --stats '\(path)': Bad file descriptor")) {
            try report(path)
        }
    }

    @Test func aReadOnlyDescriptorIsRefused() throws {
        let file = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        #expect(throws: RunError.io("cannot write --stats '/dev/fd/\(file)': Bad file descriptor")) {
            try report("/dev/fd/\(file)")
        }
    }

    @Test func theWaitForAPipesReaderEndsWhenTheCallerGivesUp() throws {
        let path = folder.file("pipe")
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let stats = try report(path)
        #expect(!stats.mayBeRewritten)
        var asked = 0
        let failure = stats.write(json) {
            asked += 1
            return asked == 3
        }
        #expect(failure == .io("cannot write --stats '\(path)': nobody reads it"))
        let reader = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        #expect(stats.write(json, orUntil: { false }) == nil)
        var bytes = [UInt8](repeating: 0, count: 20)
        #expect(unsafe read(reader, &bytes, 20) == json.count)
    }

    @Test(arguments: [false, true])
    func theFileHasTheContentsGivenToFinish(givesUp: Bool) throws {
        let writer = ReportWriter(try report(folder.file("stats")))
        for number in 0..<200 { writer.post(Array("\(number)".utf8)) }
        #expect(writer.finish(json, orUntil: { givesUp }) == nil)
        #expect(try folder.read("stats") == #"{"v":1}"#)
    }
}
