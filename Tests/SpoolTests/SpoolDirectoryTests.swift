// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
import PoolWire
import TestFolders
import Testing

@testable import Spool

@Suite struct SpoolDirectoryTests {
    private let parent = TestFolder()

    private func isLocked(_ path: String) -> Bool {
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    @Test func theFolderIsPrivateAndLocked() throws {
        let spool = try SpoolDirectory(in: parent.path)
        defer { spool.removeAll() }
        var status = stat()
        #expect(unsafe stat(spool.path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o700)
        #expect(spool.path.hasPrefix(parent.path + "/fetchpool-spool-"))
        #expect(parent.names.allSatisfy(SpoolName.isOne))
        #expect(isLocked(spool.path + "/lock"))
    }

    /// Creates a folder like that of a killed run; returns the folder's name.
    private func leaveSpool(_ name: String, holding files: [String] = ["3-1"]) throws -> String {
        try parent.write("fetchpool spool, removed with its run\n", to: "\(name)/lock")
        for file in files { try parent.write("half a body", to: "\(name)/\(file)") }
        unsafe _ = chmod(parent.file(name), 0o700)
        return name
    }

    /// Creates and removes the spool of another run; returns the names that remain in the parent folder.
    private func namesAfterNextRun() throws -> [String] {
        let spool = try SpoolDirectory(in: parent.path)
        spool.removeAll()
        return parent.names
    }

    @Test(arguments: [(64, 9_999, true), (32, 9_999, true), (31, 9_999, false), (31, 31, true), (1, 0, true)])
    func aPlaceWithUnder32MiBIsUsedOnlyIfTheOtherHasNoMore(freeMiB: UInt64, otherMiB: UInt64, isUsed: Bool) {
        let (free, other) = (freeMiB << 20, otherMiB << 20)
        #expect(SpoolPlace.hasRoom(freeBytes: free, otherBytes: other) == isUsed)
    }

    @Test func theNextRunRemovesTheFolderOfADeadRun() throws {
        _ = try leaveSpool("fetchpool-spool-Dead01", holding: ["3-1", "12-999999999", "spare-0", "spare-1"])
        #expect(try namesAfterNextRun() == [])
    }

    @Test func theNextRunRemovesTheFolderOfARunThatEndedBeforeItMadeItsLock() throws {
        #expect(unsafe mkdir(parent.file("fetchpool-spool-Dead02"), 0o700) == 0)
        #expect(try namesAfterNextRun() == [])
    }

    @Test func theNextRunRecognisesTheLockOfAnEndedRun() throws {
        var spool: SpoolDirectory? = try SpoolDirectory(in: parent.path)
        #expect(parent.names.count == 1)
        // The deallocation of the object releases the lock; the end of a process does the same.
        spool = nil
        #expect(spool == nil)
        #expect(try namesAfterNextRun() == [])
    }

    @Test func aLiveRunKeepsItsFolder() throws {
        let living = try SpoolDirectory(in: parent.path)
        close(unsafe creat(living.path + "/1-0", 0o600))
        let spool = try SpoolDirectory(in: parent.path)
        #expect(isLocked(living.path + "/lock"))
        spool.removeAll()
        #expect(unsafe access(living.path + "/1-0", F_OK) == 0)
        living.removeAll()
        #expect(parent.names == [])
    }

    @Test(
        arguments: [
            "fetchpool-results", "fetchpool-spool", "fetchpool-spool-Dead0", "fetchpool-spool-Dead001",
            "fetchpool-spool-Dead0.", "fetchpool-Dead01", "fetchpool-spool-Dead0é", "other",
        ]
    )
    func aFolderWithAnotherNameIsNotChanged(name: String) throws {
        _ = try leaveSpool(name)
        #expect(try namesAfterNextRun() == [name])
        #expect(parent.holds(name + "/lock") && parent.holds(name + "/3-1"))
    }

    @Test(arguments: [0o755, 0o770, 0o701, 0o1700, 0o500])
    func aFolderWithAnotherModeIsNotChanged(mode: mode_t) throws {
        let name = try leaveSpool("fetchpool-spool-Dead03")
        unsafe _ = chmod(parent.file(name), mode)
        defer { unsafe _ = chmod(parent.file(name), 0o700) }
        #expect(try namesAfterNextRun() == [name])
        #expect(parent.holds(name + "/3-1"))
    }

    @Test(arguments: ["", "fetchpool", "1234\n"])
    func aLockFileWithAnotherTextIsNotTheLockOfASpool(text: String) throws {
        let name = try leaveSpool("fetchpool-spool-Dead04")
        try parent.write(text, to: "\(name)/lock")
        #expect(try namesAfterNextRun() == [name])
        #expect(parent.holds(name + "/3-1"))
    }

    @Test func anOldFolderWithoutALockKeepsItsFiles() throws {
        try parent.write("", to: "fetchpool-spool-NoLock/1-1")
        unsafe _ = chmod(parent.file("fetchpool-spool-NoLock"), 0o700)
        var times = [timeval(tv_sec: 1_000_000, tv_usec: 0), timeval(tv_sec: 1_000_000, tv_usec: 0)]
        #expect(unsafe utimes(parent.file("fetchpool-spool-NoLock"), &times) == 0)
        #expect(try namesAfterNextRun() == ["fetchpool-spool-NoLock"])
        #expect(parent.holds("fetchpool-spool-NoLock/1-1"))
    }

    @Test func otherFilesInTheFolderOfADeadRunStay() throws {
        let others = ["data.csv", "3-1.txt", "-1-2", "1-2-3", "lock2", "1-0000000001", "spare-2"]
        let name = try leaveSpool("fetchpool-spool-Dead05", holding: ["3-1", "spare-0"] + others)
        #expect(try namesAfterNextRun() == [name])
        #expect(!parent.holds(name + "/3-1") && !parent.holds(name + "/spare-0"))
        for other in others { #expect(parent.holds(name + "/" + other)) }
    }

    @Test func aPipeOrAFolderWithTheNameOfTheLockIsNotALock() throws {
        for name in ["fetchpool-spool-Pipe01", "fetchpool-spool-Fold01"] {
            try parent.write("", to: "\(name)/1-1")
            unsafe _ = chmod(parent.file(name), 0o700)
        }
        #expect(unsafe mkfifo(parent.file("fetchpool-spool-Pipe01/lock"), 0o600) == 0)
        #expect(unsafe mkdir(parent.file("fetchpool-spool-Fold01/lock"), 0o700) == 0)
        #expect(try namesAfterNextRun() == ["fetchpool-spool-Fold01", "fetchpool-spool-Pipe01"])
        #expect(parent.holds("fetchpool-spool-Pipe01/1-1") && parent.holds("fetchpool-spool-Fold01/1-1"))
    }

    @Test func linksInPlaceOfAFolderALockOrASegmentAreNotFollowed() throws {
        let real = try leaveSpool("precious", holding: ["3-1"])
        #expect(unsafe symlink(parent.file(real), parent.file("fetchpool-spool-Link01")) == 0)
        _ = try leaveSpool("fetchpool-spool-Link02", holding: [])
        #expect(unsafe symlink(parent.file("precious/3-1"), parent.file("fetchpool-spool-Link02/4-1")) == 0)
        try parent.write("", to: "fetchpool-spool-Link03/5-1")
        unsafe _ = chmod(parent.file("fetchpool-spool-Link03"), 0o700)
        #expect(unsafe symlink(parent.file("precious/lock"), parent.file("fetchpool-spool-Link03/lock")) == 0)
        #expect(
            try namesAfterNextRun() == ["fetchpool-spool-Link01", "fetchpool-spool-Link03", "precious"]
        )
        #expect(parent.holds("precious/lock") && parent.holds("precious/3-1"))
        #expect(parent.holds("fetchpool-spool-Link03/5-1"))
    }

    /// Another process could rename a spool.
    ///
    /// A rename cannot redirect a removal, because the run holds the folder open.
    @Test func aFolderThatTookTheNameOfTheSpoolKeepsItsFiles() throws {
        let spool = try SpoolDirectory(in: parent.path)
        let name = try #require(parent.names.first)
        close(unsafe creat(spool.path + "/1-0", 0o600))
        #expect(unsafe rename(parent.file(name), parent.file("moved")) == 0)
        try parent.write("precious", to: "\(name)/1-0")
        spool.remove(SegmentName(worker: 1, number: 0))
        spool.removeSegments(of: 1) { _ in false }
        spool.removeAll()
        #expect(parent.holds("\(name)/1-0"))
        #expect(!parent.holds("moved/1-0"))
    }

    @Test(arguments: [0o777, 0o775, 0o1777, 0o755])
    func aPlaceWhoseEntriesOtherUsersMayExchangeIsRefused(mode: mode_t) throws {
        var place = stat()
        place.st_mode = S_IFDIR | mode
        (place.st_uid, place.st_gid) = (1_000, 100)
        let isSafe = mode & 0o1000 != 0 || mode & 0o022 == 0
        #expect((SpoolPlace.fault(of: place, user: 1_000, group: 100) == nil) == isSafe)
        // A group with the same number as the user counts as a group without other members.
        place.st_gid = 1_000
        let isSafeAlone = mode & 0o1000 != 0 || mode & 0o002 == 0
        #expect((SpoolPlace.fault(of: place, user: 1_000, group: 1_000) == nil) == isSafeAlone)
        // A folder of root is no greater risk than a folder of the user: root can exchange the entries of
        // every folder.
        place.st_uid = 0
        #expect((SpoolPlace.fault(of: place, user: 1_000, group: 100) == nil) == isSafe)
        // The owner of a folder can exchange its entries even if the folder is sticky.
        place.st_uid = 2_000
        #expect(SpoolPlace.fault(of: place, user: 1_000, group: 100) != nil)
    }

    @Test func theErrorNamesThePlaceThatEverybodyMayWriteTo() throws {
        unsafe _ = chmod(parent.path, 0o777)
        let error = #expect(throws: SpoolError.self) { try SpoolDirectory(in: parent.path) }
        #expect(error?.description.contains("'\(parent.path)'") == true)
        #expect(error?.description.contains("--spool") == true)
        unsafe _ = chmod(parent.path, 0o1777)
        try SpoolDirectory(in: parent.path).removeAll()
    }

    @Test(
        arguments: [0o777, 0o1777, 0o755, 0o775] as [mode_t]
    )
    func theErrorNamesTheParentFolderInWhichOthersMayExchangeThePlace(mode: mode_t) throws {
        try parent.write("", to: "above/place/file")
        let above = parent.file("above")
        unsafe _ = chmod(above, mode)
        let place = above + "/place"
        // A group with the same number as the user counts as a group without other members.
        let isSafe = mode & 0o002 == 0 && geteuid() == getegid() || mode & 0o1000 != 0 || mode & 0o022 == 0
        if isSafe {
            try SpoolDirectory(in: place).removeAll()
        } else {
            let error = #expect(throws: SpoolError.self) { try SpoolDirectory(in: place) }
            #expect(error?.description.contains("below '\(above)'") == true)
            #expect(error?.description.contains("--spool") == true)
        }
        unsafe _ = chmod(above, 0o700)
    }

    @Test func thePlaceIsCheckedBehindSymbolicLinks() throws {
        try parent.write("", to: "open/link-target/file")
        unsafe _ = chmod(parent.file("open"), 0o777)
        #expect(unsafe symlink(parent.file("open/link-target"), parent.file("link")) == 0)
        #expect(throws: SpoolError.self) { try SpoolDirectory(in: parent.file("link")) }
        unsafe _ = chmod(parent.file("open"), 0o755)
        try SpoolDirectory(in: parent.file("link")).removeAll()
    }

    @Test func removeAllRemovesTheFolderWithItsSegments() throws {
        let spool = try SpoolDirectory(in: parent.path)
        try parent.write("", to: "file")
        for number in 1...3 {
            let file = spool.file(of: SegmentName(worker: 1, number: number))
            #expect(file == "\(spool.path)/1-\(number)")
            close(unsafe creat(file, 0o600))
        }
        spool.removeAll()
        #expect(parent.names == ["file"])
    }

    @Test func removeSegmentsKeepsNeededSegmentsAndThoseOfOtherWorkers() throws {
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

    @Test func theErrorForAMissingPlaceNamesThePlaceAndTheOption() throws {
        let place = parent.file("missing")
        let error = #expect(throws: SpoolError.self) { try SpoolDirectory(in: place) }
        let text = error?.description ?? ""
        #expect(text.contains("'\(place)'"))
        #expect(text.contains("--spool"))
    }

    @Test(
        arguments: [
            (UInt64(40 << 30), nil, 256 << 20), (64 << 20, nil, 32 << 20), (.max, nil, 256 << 20),
            (40 << 30, 256 << 20, 64 << 20), (64 << 20, 256 << 20, 32 << 20), (40 << 30, 8 << 30, 256 << 20),
        ] as [(UInt64, Int?, Int)]
    )
    func theUsualLimitLeavesMemoryForTheProcesses(free: UInt64, memory: Int?, limit: Int) {
        #expect(SpoolDirectory.limit(freeBytes: free, memoryLimit: memory) == limit)
    }

    @Test(.enabled(if: FileManager.default.isWritableFile(atPath: "/dev/shm")))
    func aFolderInSharedMemoryIsInMemory() throws {
        #expect(try #require(OpenFolder(path: "/dev/shm")).isInMemory)
        let other = try #require(OpenFolder(path: "/proc"))
        #expect(!other.isInMemory)
    }
}
