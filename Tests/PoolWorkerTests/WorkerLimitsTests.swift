// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import PoolWorker

/// Tests the limits that a worker sets on itself, and the worker's messages about memory.
@Suite(.ownThread)
struct WorkerLimitsTests {
    private func fixture(memoryBytes: Int) throws -> RunningProgram {
        let worker = try RunningProgram.worker("fixture-processor")
        try worker.begin(config: #"{"memory_bytes":\#(memoryBytes)}"#)
        _ = try worker.line()
        return worker
    }

    /// Returns the soft and the hard limit called `name` of a process, as in `/proc/PID/limits` (proc(5)).
    private func limits(_ name: String, of pid: Int32) throws -> [String] {
        let text = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return try #require(line).dropFirst(name.count).split(separator: " ").prefix(2).map(String.init)
    }

    @Test(.enabled(if: WorkerLimits.areEnforced))
    func aWorkerSetsItsOwnLimits() throws {
        let worker = try fixture(memoryBytes: 96 << 20)
        #expect(try limits("Max data size", of: worker.pid) == ["\(96 << 20)", "\(96 << 20)"])
        // The worker sets the limit to 1 byte, unless it inherits a hard limit of 0 from this process.
        let most = try limits("Max core file size", of: getpid())[1] == "0" ? "0" : "1"
        #expect(try limits("Max core file size", of: worker.pid) == [most, most])
    }

    @Test(.enabled(if: WorkerLimits.areEnforced))
    func tasksCanUseNearlyAllOfTheLimit() throws {
        let worker = try fixture(memoryBytes: 64 << 20)
        try worker.task(1, wish: "take:57")
        #expect(try worker.lineButBeats()?.hasPrefix(#"{"t":"result","seq":1,"result":"#) == true)
    }

    /// Swift aborts the process when an allocation fails; C code often continues with a null pointer.
    @Test(
        .enabled(if: WorkerLimits.areEnforced),
        arguments: [("take:64", SIGABRT, "failed to allocate"), ("grab:64", SIGSEGV, "")]
    )
    func aTaskThatNeedsMoreMemoryEndsTheWorkerWithACrashLine(
        wish: String,
        signal: Int32,
        sentence: String
    ) throws {
        let worker = try fixture(memoryBytes: 64 << 20)
        try worker.task(1, wish: wish)
        #expect(try worker.waitForEnd() == .signal(signal))
        let errors = try worker.allErrors()
        #expect(sentence.isEmpty || errors.contains(sentence))
        let line = try #require(errors.split(separator: "\n").last?.wholeMatch(of: CrashLine.pattern))
        #expect(line.signal == "\(signal)")
        #expect(line.errno == "\(ENOMEM)")
        #expect(line.limit == "\(64 << 10)")
    }

    @Test(arguments: ["0", "-1", "1.5", #""64MiB""#, "[]"])
    func aLimitThatIsNoNumberOfBytesIsRefused(limit: String) throws {
        let worker = try RunningProgram.worker("fixture-processor")
        try worker.begin(config: #"{"memory_bytes":\#(limit)}"#)
        #expect(try worker.waitForEnd() == .status(2))
        #expect(
            try worker.allErrors()
                == "fixture: memory_bytes must be a positive integer, a number of bytes\n"
        )
    }

    @Test(.enabled(if: WorkerLimits.areEnforced), arguments: [1, 1 << 20, 4 << 20])
    func aLimitThatIsTooLowIsRefusedInOneSentence(bytes: Int) throws {
        let worker = try RunningProgram.worker("fixture-processor")
        try worker.begin(config: #"{"memory_bytes":\#(bytes)}"#)
        #expect(try worker.waitForEnd() == .status(2))
        #expect(try worker.allErrors().hasPrefix("fixture: \(bytes) bytes of memory are too few: "))
    }

    @Test func beatsContainThePeakMemory() throws {
        let worker = try RunningProgram.worker("fixture-processor")
        try worker.begin()
        _ = try worker.line()
        try worker.task(1, wish: "take:100")
        try worker.task(2, wish: "spin")
        _ = try worker.lineButBeats()
        let beat = try #require(
            try worker.line()?.firstMatch(of: /"rss_kb":(\d+),"hwm_kb":(\d+),"inflight":1/)
        )
        let (resident, peak) = (try #require(Int(beat.1)), try #require(Int(beat.2)))
        #expect(peak >= 100 << 10)
        #expect(resident <= peak)
    }

    @Test func aTaskOfTheGreatestDepthFitsIntoTheStackOfTheReadingThread() throws {
        let worker = try RunningProgram.worker("fixture-processor")
        try worker.begin()
        let depth = 510
        let meta = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        try worker.send(
            #"{"t":"task","seq":1,"attempt":1,"task":{"url":"u","meta":\#(meta)},"#
                + #""response":{"status":200,"url":"u","headers":[],"bytes":0,"body":""}}"#
        )
        _ = try worker.line()
        #expect(try worker.lineButBeats() == #"{"t":"result","seq":1,"result":{"bytes":0}}"#)
    }
}
