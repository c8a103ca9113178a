// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import Testing

@testable import ProcessPool

/// Tests of the kept part of a worker's standard error (`StderrTail`), of the line that a crash handler
/// writes (`CrashLine`), and of the figures about memory.
@Suite struct StderrTailTests {
    private func lines(_ range: ClosedRange<Int>) -> [UInt8] {
        Array(range.map { "line \($0)\n" }.joined().utf8)
    }

    @Test func firstAndLastLinesAreKept() {
        var tail = StderrTail()
        #expect(tail.take(lines(1...100)).count == 100)
        let kept = Array(1...30) + Array(91...100)
        #expect(tail.tail == kept.map { "line \($0)" })
    }

    @Test func fewLinesAreKeptInOrder() {
        var tail = StderrTail()
        _ = tail.take(lines(1...7))
        tail.beginTurn()
        _ = tail.take(lines(8...40))
        #expect(tail.tail == (1...40).map { "line \($0)" })
    }

    @Test func blankLinesAreLeftOut() {
        var tail = StderrTail()
        #expect(tail.take(Array("\nFatal error\n\n \t\nat f\n".utf8)).count == 5)
        #expect(tail.tail == ["Fatal error", "at f"])
    }

    @Test func linesOfThisTurnStayWhenEarlierLinesAreForgotten() {
        var tail = StderrTail()
        _ = tail.take(lines(1...3))
        tail.beginTurn()
        _ = tail.take(lines(4...5))
        tail.forgetLines(before: 1)
        #expect(tail.tail == ["line 4", "line 5"])
    }

    @Test func linesStayUntilAResultComesFromALaterPosition() {
        var tail = StderrTail()
        for (line, position) in [(1, 100), (2, 150), (3, 200)] {
            tail.beginTurn()
            _ = tail.take(lines(line...line))
            tail.note(position: position)
        }
        tail.beginTurn()
        // Positions count the bytes of the worker's output. The result that ends at position 150 was complete
        // when line 2 was read. So line 2 may belong to the next task.
        tail.forgetLines(before: 150)
        #expect(tail.tail == ["line 2", "line 3"])
        tail.forgetLines(before: 201)
        #expect(tail.tail.isEmpty)
    }

    @Test func aWorkerWithoutResultsKeepsItsFirstAndLastLines() {
        var tail = StderrTail()
        for line in 1...1_000 {
            tail.beginTurn()
            _ = tail.take(lines(line...line))
            tail.note(position: 7)
        }
        let kept = Array(1...30) + Array(991...1_000)
        #expect(tail.tail == kept.map { "line \($0)" })
    }

    @Test func messageAboutAMissingBacktracerIsLeftOut() {
        var tail = StderrTail()
        let runtime = "swift runtime: unable to locate swift-backtrace; disabling backtracing."
        _ = tail.take(Array("\(runtime)\nlost\n".utf8))
        #expect(tail.tail == ["lost"])
    }

    @Test func longLineIsCut() {
        var tail = StderrTail()
        _ = tail.take([UInt8](repeating: 65, count: 10_000) + [10])
        #expect(tail.tail.map(\.utf8.count) == [StderrTail.lineBytes])
    }

    @Test func incompleteLastLineIsKept() {
        var tail = StderrTail()
        #expect(tail.take(Array("half".utf8)).isEmpty)
        #expect(tail.finish() == "half")
        #expect(tail.tail == ["half"])
    }

    @Test func crashLineIsReadAndNotShown() {
        var tail = StderrTail()
        _ = tail.take(
            Array("why\nworker-died signal=11 errno=0 data_kb=5 limit_kb=0 hwm_kb=2345\n".utf8)
        )
        #expect(tail.tail == ["why"])
        #expect(tail.crashLine?.peakRSSKB == 2_345)
        #expect(tail.crashLine?.isOutOfMemory == false)
    }

    @Test(
        arguments: [
            ("errno=12 data_kb=5 limit_kb=0", true), ("errno=0 data_kb=96000 limit_kb=100000", true),
            ("errno=0 data_kb=90000 limit_kb=100000", false), ("errno=11 data_kb=5 limit_kb=0", false),
        ]
    )
    func crashLineDistinguishesOutOfMemoryFromABug(what: String, isOutOfMemory: Bool) {
        let line = CrashLine("worker-died signal=6 \(what) hwm_kb=1")
        #expect(line?.isOutOfMemory == isOutOfMemory)
    }

    @Test(
        arguments: [
            "", "worker-died", "worker-died of shame", "worker-died errno=12", "worker-died signal=x",
        ]
    )
    func otherLinesAreNotCrashLines(text: String) {
        #expect(CrashLine(text) == nil)
    }

    @Test func killsThatTheKernelCountsAreRead() {
        #expect(KernelKills.number(ofKillsIn: "oom 3\noom_kill 7\noom_group_kill 1\n") == 7)
        #expect(KernelKills.number(ofKillsIn: "") == nil)
    }

    /// In a container, the mounted folder `/sys/fs/cgroup` can be the container's own control group.
    ///
    /// `/proc/self/cgroup` then has the path that the group has outside the container. Inside the container,
    /// this path does not exist.
    @Test func killsAreCountedInTheNearestGroupThatExists() throws {
        let folder = TestFolder()
        let groups = "9:memory:/docker/1\n0::/docker/1\n"
        func file() -> String? { KernelKills.counterFile(groups: groups, below: folder.path) }
        #expect(file() == nil)
        let newer = "\(folder.path)/sys/fs/cgroup"
        let older = "\(newer)/memory"
        try FileManager.default.createDirectory(atPath: older, withIntermediateDirectories: true)
        #expect(file() == nil)
        try folder.write("oom 1\noom_kill 1\n", to: "sys/fs/cgroup/memory.events")
        #expect(file() == "\(newer)/memory.events")
        try folder.write("oom_kill 0\n", to: "sys/fs/cgroup/memory/memory.oom_control")
        #expect(file() == "\(older)/memory.oom_control")
        try FileManager.default.createDirectory(
            atPath: "\(older)/docker/1",
            withIntermediateDirectories: true
        )
        // The group now has a folder of its own below the folder of cgroup version 1, without a counter. The
        // counter of the parent also counts other groups, so it is not used.
        #expect(file() == "\(newer)/memory.events")
    }

    @Test func highestMemoryOfAWorkerIsKept() {
        var memory = MemoryUse()
        memory.note((residentKB: 2_000, peakKB: 3_000))
        memory.note((residentKB: 1_000, peakKB: nil))
        #expect(memory.lastKB == 1_000)
        #expect(memory.peakKB == 3_000)
    }

    @Test func messageAboutMemoryCountsEvenIfAStackOfPythonOrRustFollows() {
        let stack =
            ["Fatal Python error: Aborted", "Current thread 0x7f (most recent call first):"]
            + (1...9).map { "  File \"worker.py\", line \($0) in f" }
        let cases: [([String], Bool)] = [
            (
                [
                    "terminate called after throwing an instance of 'std::bad_alloc'",
                    "  what():  std::bad_alloc",
                ], true
            ),
            (["Fatal Python error: Cannot recover from MemoryErrors while normalizing exceptions."], true),
            (["MemoryError"], true), (["MemoryError", "1", "2", "3"], false), ([], false),
            (
                ["memory allocation of 16000000008 bytes failed", "stack backtrace:", "   0: a", "   1: b"],
                true
            ),
            (["the memory allocation of this page", "a", "b", "c"], false),
        ]
        for (lines, lacksMemory) in cases {
            for end in [[], stack] {
                var tail = StderrTail()
                for line in lines + end { tail.add(line) }
                #expect(tail.showsLackOfMemory == lacksMemory, "\(lines + end)")
            }
        }
    }
}
