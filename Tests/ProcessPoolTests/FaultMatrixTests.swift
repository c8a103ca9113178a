// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
import ProcessPool
import TestPrograms
import TestThreads
import Testing

/// Tests of real workers with faults at different points of their work.
@Suite(.ownThread) struct FaultMatrixTests {
    private static let poison = #""token":3}"#

    /// The expected end of the task that triggers the fault, after at most one retry.
    enum Verdict: Sendable { case completed, failed, crashed, late }

    struct Fault: CustomTestStringConvertible, Sendable {
        let name: String
        let point: String
        let verdict: Verdict
        /// The number of workers that end because of the fault and are replaced.
        let restarts: Int

        var testDescription: String { "\(name) at \(point)" }
    }

    private static let matrix: [Fault] = {
        var all: [Fault] = []
        for point in ["read", "compute", "write"] {
            all.append(Fault(name: "error", point: point, verdict: .failed, restarts: 0))
            for name in ["exit", "segv", "kill"] {
                all.append(Fault(name: name, point: point, verdict: .crashed, restarts: 2))
            }
            all.append(Fault(name: "hang", point: point, verdict: .late, restarts: 1))
        }
        // A task has ended once its result was sent, even if the worker fails after that.
        all.append(Fault(name: "error", point: "after", verdict: .completed, restarts: 0))
        for name in ["exit", "segv", "kill"] {
            all.append(Fault(name: name, point: "after", verdict: .completed, restarts: 1))
        }
        return all
    }()

    @Test(arguments: matrix) func faultEndsOnlyItsOwnTask(fault: Fault) {
        let words = ["--fault", fault.name, "--at", fault.point, "--on", Self.poison]
        let report = TestJob.run(tasks: 8, stub: words) { $0.taskDeadline = 2_000 }
        #expect(report.end == .drained)
        #expect(report.endings.count == 8)
        for (token, ending) in report.endings where token != 3 {
            #expect({ if case .result = ending { true } else { false } }(), "task \(token): \(ending)")
        }
        switch (fault.verdict, report.endings[3]) {
        case (.completed, .result), (.failed, .error), (.late, .pastDeadline): break
        // The first half of the result is an unusable line, which ends the task before the error comes.
        case (.failed, .brokeProtocol) where fault.point == "write": break
        case (.crashed, .crashed(let exit)):
            #expect(exit.signal == ["segv": SIGSEGV, "kill": SIGKILL][fault.name])
            #expect(exit.status == (fault.name == "exit" ? 7 : 0))
        default: Issue.record("task 3: \(String(describing: report.endings[3]))")
        }
        #expect(report.restarts == fault.restarts)
        // If the worker had read task 4 before the fault, the pool must assume that task 4 had begun.
        let isNextSuspect = fault.point == "after" && report.triedAgain == [4]
        #expect(isNextSuspect || report.triedAgain == (fault.verdict == .crashed ? [3] : []))
    }

    /// If the worker has read the next task before it hangs, the pool must assume that this task has begun.
    ///
    /// In this case, only the next task is late.
    @Test func hangAfterAResultEndsTheNextTaskIfThatTaskWasRead() {
        let words = ["--fault", "hang", "--at", "after", "--on", Self.poison]
        let report = TestJob.run(tasks: 8, stub: words) { $0.taskDeadline = 2_000 }
        let late = report.endings.filter { if case .pastDeadline = $0.value { true } else { false } }
        #expect(late.keys.allSatisfy { $0 == 4 })
        #expect(report.endings.count == 8)
    }

    @Test(arguments: ["exit", "segv", "kill"]) func oneFailedStartEndsNoTask(fault: String) {
        let boots = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: boots) }
        let report = TestJob.run(
            tasks: 8,
            stub: ["--fault", fault, "--at", "hello", "--on", "none", "--boots", boots]
        )
        #expect(report.endings.count == 8)
        #expect(report.endings.values.allSatisfy { if case .result = $0 { true } else { false } })
    }

    /// The first worker hangs before it reads a task, so the next worker does all tasks.
    @Test func hangDuringAStartEndsNoTask() {
        let boots = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: boots) }
        let words = ["--fault", "hang", "--at", "hello", "--on", "none", "--boots", boots]
        let report = TestJob.run(tasks: 8, stub: words) {
            $0.taskDeadline = 2_000
            $0.startDeadline = 2_000
        }
        #expect(report.endings.count == 8)
        #expect(report.endings.values.allSatisfy { if case .result = $0 { true } else { false } })
    }

    /// A concurrent worker may have died of any of its tasks.
    ///
    /// So the worker's death requeues all its tasks. If two concurrent workers die while they have the same
    /// task, this task is retried alone.
    @Test func onlyTheTaskThatKillsConcurrentWorkersIsBlamed() {
        let words = ["--fault", "kill", "--at", "compute", "--on", Self.poison, "--concurrency", "4"]
        let report = TestJob.run(tasks: 40, workers: 2, stub: words)
        #expect(report.endings.count == 40)
        let crashed = report.endings.filter { if case .crashed = $0.value { true } else { false } }
        #expect(crashed.keys.sorted() == [3])
        #expect(report.endings.values.count { if case .result = $0 { true } else { false } } == 39)
        #expect(report.restarts == 3)
    }

    @Test(arguments: ["exit", "segv", "kill"]) func workerThatNeverStartsEndsThePool(fault: String) {
        let report = TestJob.run(tasks: 8, workers: 3, stub: ["--fault", fault, "--at", "hello"])
        #expect({ if case .cannotStart = report.end { true } else { false } }())
        #expect(report.endings.values.allSatisfy { $0 == .cancelled })
    }

    @Test func errorBeforeHelloIsAResult() {
        let report = TestJob.run(tasks: 8, stub: ["--fault", "error", "--at", "hello", "--on", Self.poison])
        #expect(report.endings.count == 8)
        #expect(report.endings[3] == .error)
        #expect(report.endings.values.count { if case .result = $0 { true } else { false } } == 7)
    }

    @Test func workerThatIgnoresSIGTERMIsKilled() {
        let words = ["--fault", "hang", "--at", "compute", "--on", Self.poison, "--stubborn"]
        let report = TestJob.run(tasks: 4, stub: words) { $0.taskDeadline = 2_000 }
        #expect(report.endings[3] == .pastDeadline(report.exit(of: 3)))
        #expect(report.exit(of: 3).signal == SIGKILL)
        #expect(report.endings.count == 4)
    }

    @Test func grandchildWithOpenPipesDoesNotDelayTheBlame() {
        let start = ContinuousClock().now
        let words = ["--fault", "kill", "--at", "compute", "--on", Self.poison, "--child"]
        let report = TestJob.run(tasks: 8, workers: 2, stub: words)
        #expect(report.endings.count == 8)
        #expect(report.endings[3] == .crashed(WorkerExit(signal: SIGKILL)))
        #expect(ContinuousClock().now - start < .seconds(20))
    }

    @Test func workerThatBecomesSilentIsEndedAfterFiveMissingBeats() {
        let start = ContinuousClock().now
        let words = ["--fault", "hang", "--at", "compute", "--on", Self.poison, "--beat"]
        let report = TestJob.run(tasks: 4, stub: words)
        #expect(report.endings.count == 4)
        #expect({ if case .pastDeadline = report.endings[3] { true } else { false } }())
        let took = ContinuousClock().now - start
        #expect(took > .seconds(4.9) && took < .seconds(30))
    }

    @Test func replacementsAtTheTaskLimitDoNotCountAsRestarts() {
        let report = TestJob.run(tasks: 100, workers: 2, stub: []) { $0.tasksPerLife = 7 }
        #expect(report.endings.count == 100)
        #expect(report.endings.values.allSatisfy { if case .result = $0 { true } else { false } })
        #expect(report.pids.count >= 15)
        #expect(report.restarts == 0)
    }

    @Test func replacementThatCannotStartEndsThePoolButKeepsEarlierResults() throws {
        let boots = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: boots) }
        let stub = "'\(BuiltPrograms.path("stub-worker"))'"
        let script = "[ -e '\(boots)' ] && { echo moved away >&2; exit 1; }; touch '\(boots)'; exec \(stub)"
        let report = TestJob.run(tasks: 20, script) { $0.tasksPerLife = 7 }
        #expect({ if case .cannotStart = report.end { true } else { false } }())
        #expect(report.lastWords == ["moved away"])
        for token in 1...7 {
            #expect(report.endings[token].map { if case .result = $0 { true } else { false } } == true)
        }
        #expect(report.endings.values.count { $0 == .cancelled } == report.endings.count - 7)
    }

    @Test(arguments: [0, 1]) func poolDrainsIfItsWorkersReachTheirTaskLimitAtTheEnd(rest: Int) {
        let report = TestJob.run(tasks: 2 * 5 + rest, workers: 2, stub: []) { $0.tasksPerLife = 5 }
        #expect(report.end == .drained)
        #expect(report.endings.values.count { if case .result = $0 { true } else { false } } == 2 * 5 + rest)
        #expect(report.restarts == 0)
    }

    @Test func eachTaskEndsIfAllWorkersDieAtTheSameTime() {
        // Each worker kills itself 300 ms after the beginning of its task.
        let words = ["--fault", "kill", "--at", "compute", "--milliseconds", "300"]
        let report = TestJob.run(tasks: 8, workers: 8, stub: words) { $0.crashRetries = 0 }
        #expect(report.endings.count == 8)
        #expect(report.endings.values.allSatisfy { $0 == .crashed(WorkerExit(signal: SIGKILL)) })
    }
}

extension TestJob.Report {
    /// Returns the exit of the worker of a task that crashed or was late.
    ///
    /// For any other task, the exit has the status -1.
    func exit(of token: Int) -> WorkerExit {
        switch endings[token] {
        case .crashed(let exit), .pastDeadline(let exit): exit
        default: WorkerExit(status: -1)
        }
    }
}
