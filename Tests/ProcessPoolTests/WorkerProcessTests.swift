// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
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
