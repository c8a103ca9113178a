// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
import TestFolders
import TestThreads
import Testing

@testable import ProcessPool

@Suite struct WorkerProcessTests {
    @Test("The `Process` of an abandoned worker is released when the worker ends", .ownThread)
    func abandonedProcessIsReleased() throws {
        var worker: WorkerProcess? = try WorkerProcess(
            ["/bin/sleep", "1"],
            showsBacktrace: false,
            waking: WakePipe()
        )
        weak let process = worker?.process
        worker?.abandon()
        worker?.closeAll()
        worker = nil
        #expect(process != nil, "the `Process` of a running worker stays alive without other references")
        #expect(waits(20) { process == nil })
    }

    /// Foundation would keep two descriptors for each start that fails.
    @Test("A start that would fail leaves no descriptor", .ownThread)
    func failedStartLeavesNoDescriptor() throws {
        let folder = TestFolder()
        let script = try folder.write("#! /nowhere/interpreter -x\n", to: "script")
        #expect(unsafe chmod(script, 0o700) == 0)
        func descriptors() throws -> Set<String> {
            Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))
        }
        let wake = WakePipe()
        let before = try descriptors()
        for _ in 0..<150 {
            let lack = #expect(throws: SpawnError.self) {
                try WorkerProcess([script], showsBacktrace: false, waking: wake)
            }
            #expect(lack?.description == "the system cannot start '\(script)': No such file or directory")
        }
        // Other tests of this process open and close descriptors too.
        #expect(try descriptors().subtracting(before).count < 150)
    }

    @Test("The `Process` of an ended worker is released when the worker is abandoned", .ownThread)
    func endedProcessIsReleased() throws {
        var worker: WorkerProcess? = try WorkerProcess(
            ["/bin/true"],
            showsBacktrace: false,
            waking: WakePipe()
        )
        weak let process = worker?.process
        #expect(waits(20) { worker?.isReaped == true })
        worker?.abandon()
        worker?.closeAll()
        worker = nil
        #expect(waits(20) { process == nil })
    }
}

/// Waits for at most `seconds` until `condition` is true; returns the last value of `condition`.
func waits(_ seconds: Int, until condition: () -> Bool) -> Bool {
    let deadline = MonotonicClock.milliseconds() + seconds * 1_000
    while MonotonicClock.milliseconds() < deadline {
        if condition() { return true }
        usleep(5_000)
    }
    return condition()
}
