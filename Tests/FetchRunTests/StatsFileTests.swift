// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import TestThreads
import Testing

@testable import FetchRun

@Suite(.ownThread)
struct StatsFileTests {
    private let folder = TestFolder()
    private let json = Array(#"{"v":1}"#.utf8)

    @Test func aFileKeepsItsContentsUntilTheSummaryReplacesThem() throws {
        try folder.write("an earlier summary, and a longer one", to: "stats")
        let stats = try StatsFile(folder.file("stats"))
        #expect(try folder.read("stats") == "an earlier summary, and a longer one")
        #expect(stats.write(json, orUntil: { false }) == nil)
        #expect(try folder.read("stats") == #"{"v":1}"#)
    }

    @Test(arguments: ["none/stats", "."])
    func aPathThatCannotBeWrittenIsRefusedBeforeTheRun(name: String) {
        let path = folder.file(name)
        let error = #expect(throws: RunError.self) { try StatsFile(path) }
        #expect(error?.description.hasPrefix("cannot write --stats '\(path)': ") == true)
        #expect(error?.exitStatus == 3)
    }

    @Test func theErrorForAFullDeviceHasItsNameAndTheSystemsMessage() throws {
        let failure = try StatsFile("/dev/full").write(json, orUntil: { false })
        #expect(failure == .io("cannot write --stats '/dev/full': No space left on device"))
    }

    @Test func theWaitForAPipesReaderEndsWhenTheCallerGivesUp() throws {
        let path = folder.file("pipe")
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let stats = try StatsFile(path)
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
}
