// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture
import TestThreads
import Testing

@testable import FetchBench

/// Tests of the measurement of a program and its descendants (`ProgramRun`).
@Suite(.ownThread)
struct ProgramRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ script: String, isOutputTimed: Bool = false, limit: Double = 20) throws -> ProgramRun {
        var command = Command("sh", ["-c", script])
        command.isOutputTimed = isOutputTimed
        defer { folder.remove() }
        return try ProgramRun.run(command, in: folder.path, limit: limit)
    }

    @Test func timeOfChildrenIsCounted() throws {
        let run = try run("(i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done); exit 3")
        #expect(run.status == 3)
        #expect(run.cpuSeconds > 0.02)
        #expect(run.wallSeconds > run.cpuSeconds / 2)
    }

    @Test func memoryOfADescendantIsMeasured() throws {
        let run = try run("sh -c 'sleep 2; true'; true")
        #expect(run.peakKiB.keys.contains("sleep"))
    }

    @Test func lastByteOfOutputIsTimed() throws {
        let before = ProgramRun.now()
        let run = try run("echo one; sleep 0.1; echo two; sleep 2", isOutputTimed: true)
        let last = try #require(run.lastOutput) - before
        #expect(last >= 0.1)
        #expect(run.wallSeconds - last > 0.2)
    }

    @Test func signalBecomesAStatus() throws {
        #expect(try run("kill -9 $$").status == 137)
    }

    @Test func programThatTakesTooLongIsAnError() {
        #expect(throws: BenchError.self) { try run("sleep 100 & sleep 100", limit: 0.2) }
    }

    @Test func missingProgramIsAnError() {
        defer { folder.remove() }
        #expect(throws: BenchError.self) {
            try ProgramRun.run(Command("/no/such/program", []), in: folder.path)
        }
    }
}
