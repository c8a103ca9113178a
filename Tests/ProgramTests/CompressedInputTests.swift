// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of inputs that are compressed with gzip, zstd or xz, and of an input that cannot be read.
@Suite(.ownThread)
struct CompressedInputTests {
    private let folder = TestFolder()

    private func run(_ arguments: [String], input: [UInt8] = []) throws -> RunningProgram.Finished {
        try RunningProgram("fetchpool", ["-q", "-w", "1"] + arguments).finish(input)
    }

    private func lines(_ numbers: ClosedRange<Int>) -> [UInt8] {
        Array(numbers.map { "data:,\($0)\n" }.joined().utf8)
    }

    @Test(arguments: ["gzip", "zstd"])
    func compressionIsRecognizedByTheFirstBytes(format: String) throws {
        let pack = format == "gzip" ? Compressed.gzip : Compressed.zstd
        // The first member (gzip) or frame (zstd) ends within a line. The line continues in the second member
        // or frame.
        let bytes =
            pack(lines(1...2_000) + Array("data:".utf8)) + pack(Array(",2001\n".utf8) + lines(2_002...3_000))
        let file = try folder.write(bytes, to: "list")
        for finished in [try run(["-i", file]), try run([], input: bytes)] {
            #expect(finished.end == .status(0), "\(finished.errors)")
            #expect(try finished.records.sortedIDs == Array(1...3_000))
            #expect(try finished.records.first { $0.id == "2001" }?.url == "data:,2001")
        }
    }

    @Test func linesOfAPipeAreDoneBeforeItsEnd() throws {
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1"])
        try running.send(Compressed.zstd(lines(1...1)))
        #expect(try running.record()?.id == "1")
        try running.send(Compressed.gzip(lines(1...1)))
        #expect(try running.record()?.id == "2")
        #expect(try running.finish().end == .status(0))
    }

    @Test func aCompressedTableCanBeResumed() throws {
        let rows = (1...30).map { "\"a\nb\",\"data:,\($0)\",x\($0)\n" }.joined()
        let table = try folder.write(Compressed.gzip(Array(("t,url,key\n" + rows).utf8)), to: "a.b.CSV.gz")
        let arguments = ["-i", table, "--id-column", "key", "-o", folder.file("out"), "--resume"]
        #expect(try run(arguments + ["--limit", "10"]).end == .status(0))
        #expect(try run(arguments).end == .status(0))
        let records = try folder.read("out").split(separator: "\n").map { try Record(String($0)) }
        #expect(Set(records.map(\.id)) == Set((1...30).map { "x\($0)" }) && records.count == 30)
    }

    @Test(arguments: ["gzip", "zstd"])
    func aTornFileEndsTheRunWithoutATaskForAPartOfALine(format: String) throws {
        let whole = format == "gzip" ? Compressed.gzip(lines(1...500)) : Compressed.zstd(lines(1...500))
        // The file lacks the end of the last line. A gzip file also lacks its checksum and its size.
        let list = try folder.write(Array(whole.dropLast(format == "gzip" ? 10 : 2)), to: "list")
        let finished = try run(["-i", list, "--fail-on", "none"])
        #expect(finished.end == .status(3))
        #expect(
            finished.errors
                == "fetchpool: cannot read \(list): its \(format) data ends early; 499 lines were read before\n"
        )
        #expect(try finished.records.allSatisfy { $0.id != "500" })
    }

    @Test func aFormatThatIsNotUnpackedEndsTheRun() throws {
        // The bytes include two line feeds. As text, the bytes would be two lines that are not UTF-8.
        let bytes: [UInt8] = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00, 0x04, 0xE6, 0x0A, 0xD6, 0x0A]
        let list = try folder.write(bytes, to: "list.xz")
        for finished in [try run(["-i", list]), try run([], input: bytes)] {
            #expect(finished.end == .status(3) && finished.output == "")
            #expect(finished.errors.contains("it is compressed with xz; give the output of xz -dc; 0 lines"))
            #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
        }
    }

    @Test func aDamagedFileEndsTheRun() throws {
        var bytes = Compressed.gzip(lines(1...3))
        bytes[bytes.count - 6] ^= 0xFF
        let list = try folder.write(bytes, to: "list.gz")
        let finished = try run(["-i", list])
        #expect(finished.end == .status(3))
        #expect(
            finished.errors.contains(
                "its gzip data cannot be unpacked (incorrect data check); 0 lines were read before"
            )
        )
        let stray = try folder.write(Compressed.gzip(lines(1...3)) + lines(4...4), to: "stray.gz")
        #expect(
            try run(["-i", stray]).errors.contains(
                "bytes that are neither gzip nor zstd follow its gzip data"
            )
        )
    }

    /// The input has 1 million blank lines, a line of 1 GB, and one task.
    @Test func aDecompressionBombTakesLittleMemory() throws {
        let bytes =
            Compressed.zstdBomb(0x0A, blocks: 10) + Compressed.zstdBomb(0x78, blocks: 10_000)
            + Compressed.gzip(Array("\ndata:,last\n".utf8))
        let list = try folder.write(bytes, to: "list")
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1", "-i", list, "-i", "-"])
        #expect(try running.record(within: .seconds(180))?.errorClass == "line_too_long")
        #expect(try running.record()?.url == "data:,last")
        let peakKB = try ProcessWatch.peakKB(of: running.pid)
        #expect(peakKB < 150 << 10, "\(peakKB) KiB")
        #expect(try running.finish().end == .status(1))
    }

    @Test func aReadErrorEndsTheRun() throws {
        // Reading fails at once, because no process has memory at address 0.
        let finished = try run(["-i", "/proc/self/mem"])
        #expect(finished.end == .status(3))
        #expect(finished.output == "")
        #expect(finished.errors.contains("cannot read /proc/self/mem: "), "\(finished.errors)")
    }
}
