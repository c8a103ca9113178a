// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import Platform
import TestFolders
import TestThreads
import Testing

@testable import FetchRun
@testable import ProcessPool

@Suite(.ownThread)
struct OutputThreadTests {
    private let folder = TestFolder()

    /// Writes batches of lines through an output thread; returns the thread after its end.
    private func write(_ batches: [String], to target: OutputThread.Target) -> OutputThread {
        // A run ignores SIGPIPE, so the test must ignore it.
        signal(SIGPIPE, SIG_IGN)
        let wake = WakePipe()
        let output = OutputThread(target, wake: wake)
        output.start()
        for batch in batches { output.write(Array(batch.utf8)) }
        output.close()
        while !output.isFinished {
            var entry = pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0)
            unsafe _ = poll(&entry, 1, -1)
            wake.clear()
        }
        return output
    }

    @Test(
        arguments: [nil, "", "old\n", "old\nto"] as [String?]
    )
    func anIncompleteLastLineIsEndedBeforeRecordsAreAppended(before: String?) throws {
        if let before { try folder.write(before, to: "out") }
        let target = try OutputThread.Target.open(folder.file("out"))
        let output = write(["a\n", "b\nc\n"], to: target)
        #expect(output.failure == nil)
        #expect(output.writtenBytes == 6)
        var expected = before ?? ""
        if expected.hasSuffix("to") { expected += "\n" }
        #expect(try folder.read("out") == expected + "a\nb\nc\n")
    }

    @Test func aFileThatIsRemovedDuringTheRunIsReportedAsALoss() throws {
        let path = folder.file("out")
        let output = write(["a\n"], to: try OutputThread.Target.open(path))
        #expect(output.loss == nil)
        try FileManager.default.removeItem(atPath: path)
        #expect(output.loss == "--output '\(path)' was removed during the run; its records are lost")
    }

    @Test func aFileThatHadNoNameBeforeTheRunIsNotReportedAsALoss() throws {
        let file = unsafe open(try folder.write("", to: "out"), O_WRONLY | O_CLOEXEC)
        defer { close(file) }
        try FileManager.default.removeItem(atPath: folder.file("out"))
        #expect(write(["a\n"], to: try OutputThread.Target.open("/proc/self/fd/\(file)")).loss == nil)
    }

    /// Returns the last byte of a file as if the file were on an SMB share.
    ///
    /// While another descriptor has an exclusive lock on the file, the function sets `errno` to `EACCES` and
    /// returns `nil`.
    private static func lastByteOnShare(of file: Int32) -> UInt8? {
        guard flock(file, LOCK_SH | LOCK_NB) == 0 else {
            errno = EACCES
            return nil
        }
        flock(file, LOCK_UN)
        return OutputThread.Target.lastByte(of: file)
    }

    @Test(arguments: [true, false], ["", "old\n", "old\nto"])
    func aLockThatForbidsReadingIsReleased(resumes: Bool, before: String) throws {
        let path = try folder.write(before, to: "out")
        let target = try OutputThread.Target.open(path, resumes: resumes, lastByte: Self.lastByteOnShare)
        defer { close(target.descriptor) }
        let reader = unsafe open(path, O_RDONLY | O_CLOEXEC)
        defer { close(reader) }
        let isUnlocked = flock(reader, LOCK_SH | LOCK_NB) == 0
        #expect(isUnlocked)
        let isEnded = !resumes && before.hasSuffix("to")
        #expect(try folder.read("out") == before + (isEnded ? "\n" : ""))
    }

    /// If the last line is incomplete, an appended record would be joined to it.
    @Test func nothingIsAppendedToAFileThatCannotBeRead() throws {
        let path = try folder.write("old\nto", to: "out")
        let error = #expect(throws: RunError.self) {
            try OutputThread.Target.open(path) { _ in
                errno = EIO
                return nil
            }
        }
        #expect(
            error?.description == "cannot read the last line of --output '\(path)': Input/output error"
        )
        #expect(try folder.read("out") == "old\nto")
    }

    @Test func theErrorForAFullDeviceNamesTheDevice() throws {
        let target = try OutputThread.Target.open("/dev/full")
        #expect(!target.isFile)
        let output = write(["a\n", "b\n"], to: target)
        let text = output.failure?.description ?? ""
        #expect(text.contains("/dev/full"))
        #expect(text.contains("No space left on device"))
        #expect(output.failure?.exitStatus == 3)
        #expect(output.writtenBytes == 0)
        #expect(output.takeUnwritten().flatMap(\.self) == Array("a\nb\n".utf8))
    }

    @Test func theOutputWaitsForTheReaderOfANamedPipe() throws {
        let path = folder.file("pipe")
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let target = try OutputThread.Target.open(path)
        let output = OutputThread(target, wake: WakePipe())
        output.start()
        output.write(Array("a\nb\n".utf8))
        // After the closure has returned true, `finish` waits only for a short time.
        #expect(!output.finish { true })
        #expect(output.writtenBytes == 0)
        #expect(output.takeUnwritten().flatMap(\.self) == Array("a\nb\n".utf8))
        output.write(Array("a\nb\n".utf8))
        let reader = unsafe open(path, O_RDONLY | O_CLOEXEC)
        defer { close(reader) }
        var bytes = [UInt8](repeating: 0, count: 10)
        #expect(unsafe read(reader, &bytes, 10) == 4)
        #expect(output.finish { false })
        #expect(output.failure == nil)
    }

    @Test func theFailureSaysThatTheReaderOfANamedPipeHasLeft() throws {
        signal(SIGPIPE, SIG_IGN)
        let path = folder.file("pipe")
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let output = OutputThread(try OutputThread.Target.open(path), wake: WakePipe())
        output.start()
        close(unsafe open(path, O_RDONLY | O_CLOEXEC))
        output.write(Array("a\n".utf8))
        #expect(output.finish { false })
        #expect(output.failure == .readerLeft)
    }

    /// NFS may report an exceeded quota only when a descriptor is closed (close(2)).
    @Test func aFailureThatComesOnlyAtTheCloseIsReported() throws {
        var target = try OutputThread.Target.open(folder.file("records"))
        target.isWritten = { _ in
            errno = EDQUOT
            return false
        }
        let output = OutputThread(target, wake: WakePipe())
        output.start()
        output.write(Array("a\n".utf8))
        #expect(output.finish { false })
        #expect(output.failure?.exitStatus == 3)
        #expect("\(output.failure, default: "")".contains("Disk quota exceeded"))
    }

    @Test func aDashIsStandardOutputAndAWriteOnlyFileIsAppendedTo() throws {
        #expect(try OutputThread.Target.open("-").descriptor == 1)
        try folder.write("old\n", to: "out")
        unsafe _ = chmod(folder.file("out"), 0o200)
        let output = write(["a\n"], to: try OutputThread.Target.open(folder.file("out")))
        #expect(output.failure == nil)
        unsafe _ = chmod(folder.file("out"), 0o600)
        #expect(try folder.read("out") == "old\na\n")
    }

    @Test func theErrorForAnOutputThatCannotBeOpenedNamesTheFileAndTheOption() {
        let path = folder.file("none/out")
        let error = #expect(throws: RunError.self) { try OutputThread.Target.open(path) }
        #expect(error?.description.hasPrefix("cannot write --output '\(path)': ") == true)
    }

    @Test func nothingIsAppendedToACompressedFile() throws {
        let (gzip, zstd) = (Compressed.gzip(Array("a\n".utf8)), Compressed.zstd(Array("a\n".utf8)))
        for (format, bytes) in [("gzip", gzip), ("zstd", zstd)] {
            let path = try folder.write(bytes, to: format)
            let error = #expect(throws: RunError.self) { try OutputThread.Target.open(path) }
            #expect(error?.description.contains("it is compressed with \(format); unpack it first") == true)
            #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == bytes)
        }
    }

    @Test func theFailureSaysThatTheReaderHasLeft() {
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let output = write(["a\n"], to: OutputThread.Target(name: "pipe", descriptor: ends[1], isFile: false))
        #expect(output.failure == .readerLeft)
        #expect(output.failure?.exitStatus == 141)
    }

    @Test func aSlowReaderOfANonBlockingPipeGetsEverything() {
        let wake = WakePipe()
        // The writing end is non-blocking, and the capacity of the pipe is 64 KiB.
        let target = OutputThread.Target(name: "pipe", descriptor: wake.writeEnd, isFile: false)
        let output = OutputThread(target, wake: WakePipe())
        output.start()
        let lines = [UInt8](repeating: UInt8(ascii: "x"), count: 500_000)
        output.write(lines)
        output.close()
        var count = 0
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while count < lines.count {
            var entry = pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0)
            unsafe _ = poll(&entry, 1, -1)
            count += max(unsafe read(wake.readEnd, &bytes, bytes.count), 0)
        }
        #expect(count == lines.count)
        #expect(output.failure == nil)
    }

    @Test func theOutputIsFullOnce4MiBWait() {
        let output = OutputThread(.standardOutput, wake: WakePipe())
        output.write([UInt8](repeating: 0x0A, count: (4 << 20) - 1))
        #expect(!output.isFull)
        output.write([0x0A])
        #expect(output.isFull)
    }

    @Test(arguments: [true, false])
    func withFsyncTheFolderOfTheFileIsOnTheDiskToo(syncs: Bool) throws {
        var folders: [UInt] = []
        let note = { (descriptor: Int32) -> Int32 in
            var status = stat()
            #expect(unsafe fstat(descriptor, &status) == 0)
            folders.append(UInt(status.st_ino))
            return 0
        }
        _ = try OutputThread.Target.open(folder.file("new"), syncs: syncs, syncFolder: note)
        var status = stat()
        #expect(unsafe stat(folder.path, &status) == 0)
        #expect(folders == (syncs ? [UInt(status.st_ino)] : []))
    }
}
