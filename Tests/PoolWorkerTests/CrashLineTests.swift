// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import PoolWorker

/// Tests the line that a worker writes when it crashes.
@Suite(.ownThread)
struct CrashLineTests {
    /// The crashes and their signals.
    ///
    /// Traps are SIGILL on x86 and SIGTRAP on ARM. With a sanitizer, `recurse` is left out, because deep
    /// recursion exhausts the sanitizer's own records before it exhausts the stack.
    private static let deaths: [(wish: String, signals: [Int32])] =
        [("crash", [SIGSEGV]), ("abort", [SIGABRT]), ("trap", [SIGILL, SIGTRAP])]
        + (WorkerLimits.areEnforced ? [("recurse", [SIGSEGV])] : [])

    /// The environment variable that enables Swift's backtraces.
    private static let backtraces =
        "SWIFT_BACKTRACE=enable=yes,color=no,threads=crashed,registers=none,images=none,limit=16,sanitize=yes"

    /// False with a sanitizer, because Swift's crash handler reads memory that the sanitizer guards.
    private static let hasBacktraces = WorkerLimits.areEnforced

    private func signal(_ end: RunningProgram.End) -> Int32? {
        if case .signal(let number) = end { number } else { nil }
    }

    @Test(arguments: deaths)
    func aCrashIsReportedInOneLine(wish: String, signals: [Int32]) throws {
        let worker = try RunningProgram.worker("fixture-processor")
        try worker.begin()
        try worker.task(1, wish: wish)
        let number = try #require(signal(try worker.waitForEnd()))
        #expect(signals.contains(number))
        let lines = try worker.allErrors().split(separator: "\n")
        let told = lines.filter { $0.hasPrefix("worker-died ") }
        #expect(told.count == 1)
        #expect(lines.last == told.last)
        let line = try #require(told.first?.wholeMatch(of: CrashLine.pattern))
        #expect(line.signal == "\(number)")
        #expect(line.limit == "0")
        let (data, peak) = (Int(line.data) ?? 0, Int(line.peak) ?? 0)
        #expect(data > 1_000)
        #expect(peak > 1_000)
    }

    @Test(.enabled(if: hasBacktraces), arguments: deaths)
    func swiftStillPrintsItsBacktrace(wish: String, signals: [Int32]) throws {
        let worker = try RunningProgram(
            "/usr/bin/env",
            [Self.backtraces, BuiltPrograms.path("fixture-processor"), "--supervised"]
        )
        try worker.begin()
        try worker.task(1, wish: wish)
        #expect(signals.contains(try #require(signal(try worker.waitForEnd()))))
        let errors = try worker.allErrors()
        #expect(errors.split(separator: "\n").count { $0.hasPrefix("worker-died ") } == 1)
        #expect(errors.contains("*** Program crashed: "))
        #expect(errors.contains("Backtrace took "))
    }

    @Test(arguments: ["SWIFT_BACKTRACE=enable=no"] + (hasBacktraces ? [backtraces] : []))
    func aFatalSignalFromOutsideIsReportedToo(environment: String) throws {
        let worker = try RunningProgram(
            "/usr/bin/env",
            [environment, BuiltPrograms.path("fixture-processor"), "--supervised"]
        )
        try worker.begin()
        // A thread that is being created may hold locks that Swift's handler needs. When the result has come,
        // all threads exist.
        try worker.task(1, wish: "ok")
        while try worker.line()?.contains("result") != true {}
        worker.signal(SIGSEGV)
        #expect(try worker.waitForEnd() == .signal(SIGSEGV))
        #expect(try worker.allErrors().contains("worker-died signal=11 "))
    }

    /// With a sanitizer, a forked child may wait forever for a lock of the sanitizer, because another thread
    /// of its parent held this lock during fork(2).
    @Test(.enabled(if: WorkerLimits.areEnforced))
    func aForkedProcessPrintsNothingWhenItCrashes() throws {
        let worker = try RunningProgram.worker("fixture-processor")
        try worker.begin()
        try worker.task(1, wish: "fork")
        while try worker.line()?.contains("result") != true {}
        let twin = try #require(try ProcessWatch.descendants(of: worker.pid).first)
        let watch = try ProcessWatch(twin)
        kill(twin, SIGSEGV)
        #expect(watch.hasEnded(within: RunningProgram.patience))
        try worker.send(#"{"t":"drain"}"#)
        worker.endInput()
        #expect(try worker.allErrors() == "")
    }
}
