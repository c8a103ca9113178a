// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire
import Testing

@testable import FetchRun

@Suite("Spool directory")
struct SpoolDirectoryTests {
    private let parent = TestFolder()

    private func isLocked(_ path: String) -> Bool {
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    @Test("only its owner can look into it, and its lock is held")
    func privateAndLocked() throws {
        let spool = try SpoolDirectory(in: parent.path)
        defer { spool.removeAll() }
        var status = stat()
        #expect(unsafe stat(spool.path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o700)
        #expect(spool.path.hasPrefix(parent.path + "/fetchpool-"))
        #expect(isLocked(spool.path + "/lock"))
    }

    @Test("what a dead run left goes when the next begins")
    func deadRun() throws {
        try parent.write("fetchpool-Dead01/lock", "")
        try parent.write("fetchpool-Dead01/3-1", "half a body")
        let spool = try SpoolDirectory(in: parent.path)
        defer { spool.removeAll() }
        #expect(!parent.holds("fetchpool-Dead01"))
        #expect(parent.names.count == 1)
    }

    @Test("a run that lives keeps its folder, and other folders are not touched")
    func livingRun() throws {
        let living = try SpoolDirectory(in: parent.path)
        try parent.write("other/lock", "")
        try parent.write("fetchpool-NoLock/file", "")
        let spool = try SpoolDirectory(in: parent.path)
        defer { spool.removeAll() }
        #expect(isLocked(living.path + "/lock"))
        #expect(parent.names.count == 4)
        living.removeAll()
        #expect(parent.names.count == 3)
        #expect(parent.holds("other/lock"))
        #expect(parent.holds("fetchpool-NoLock/file"))
    }

    @Test("a link that looks like a dead run's folder leads nowhere")
    func link() throws {
        try parent.write("precious/lock", "")
        try parent.write("precious/file", "")
        #expect(unsafe symlink(parent.file("precious"), parent.file("fetchpool-Link01")) == 0)
        let spool = try SpoolDirectory(in: parent.path)
        defer { spool.removeAll() }
        #expect(parent.holds("precious/lock"))
        #expect(parent.holds("precious/file"))
    }

    @Test("nothing is left of it in the end")
    func removeAll() throws {
        let spool = try SpoolDirectory(in: parent.path)
        try parent.write("file", "")
        for number in 1...3 {
            let file = spool.file(of: SegmentName(worker: 1, number: number))
            #expect(file == "\(spool.path)/1-\(number)")
            close(unsafe creat(file, 0o600))
        }
        spool.removeAll()
        #expect(parent.names == ["file"])
    }

    @Test("the segments of one worker go, those kept and those of others stay")
    func segmentsOfOneWorker() throws {
        let spool = try SpoolDirectory(in: parent.path)
        defer { spool.removeAll() }
        let names = [(1, 1), (1, 2), (1, 3), (11, 1), (2, 1)].map { SegmentName(worker: $0.0, number: $0.1) }
        for name in names { close(unsafe creat(spool.file(of: name), 0o600)) }
        spool.removeSegments(of: 1) { $0.number == 2 }
        #expect(
            names.filter { unsafe access(spool.file(of: $0), F_OK) == 0 } == [names[1], names[3], names[4]]
        )
        spool.remove(names[1])
        #expect(unsafe access(spool.file(of: names[1]), F_OK) != 0)
    }

    @Test("a place that cannot be used is named, with the option to change")
    func badPlace() throws {
        let place = parent.file("missing")
        let error = #expect(throws: RunError.self) { try SpoolDirectory(in: place) }
        let text = error?.description ?? ""
        #expect(text.contains("'\(place)'"))
        #expect(text.contains("--spool"))
        #expect(error?.exitStatus == 3)
    }
}
