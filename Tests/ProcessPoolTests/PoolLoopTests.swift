// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import ProcessPool
import TestFolders
import TestThreads
import Testing

/// Tests of the loop with real processes; most are about the effects of workers' faults.
@Suite(.ownThread) struct PoolLoopTests {
    /// Returns the shell script of a worker that says `hello` and sends each task's `seq` as its result.
    ///
    /// For a task whose line matches the shell pattern `pattern`, the worker first runs `kind`.
    private func worker(on pattern: String = "nothing", does kind: String = ":") -> String {
        """
        echo '{"t":"hello","v":1}'
        while IFS= read -r line; do
          case "$line" in *'"t":"drain"'*) exit 0;; *'"t":"task"'*) ;; *) continue;; esac
          seq=${line#*'"seq":'}; seq=${seq%%,*}
          case "$line" in \(pattern)) \(kind);; esac
          echo "{\\"seq\\":$seq,\\"result\\":$seq}"
        done
        """
    }

    @Test func minimalWorkerDoesAllTasks() {
        let report = TestJob.run(tasks: 300, workers: 3, worker())
        #expect(report.end == .drained)
        #expect(report.endings.count == 300)
        #expect(report.endings.values.allSatisfy { if case .result = $0 { true } else { false } })
        #expect(report.pids.count == 3)
        #expect(report.restarts == 0)
    }

    @Test(arguments: ["kill -9 $$", "kill -SEGV $$", "exit 3", "exit 0"])
    func onlyTheTaskThatKillsItsWorkerEndsAsACrash(kind: String) {
        let report = TestJob.run(tasks: 20, workers: 2, worker(on: #"*'"token":7}'*"#, does: kind))
        #expect(report.end == .drained)
        let crashed = report.endings.filter { if case .crashed = $0.value { true } else { false } }
        #expect(crashed.keys.sorted() == [7])
        #expect(report.endings.count == 20)
        // Some programs exit with status 0 after a few tasks. So the first two such exits are not blamed on
        // the task if the workers have sent a result before.
        #expect(
            report.restarts == 2 || kind == "exit 0" && report.restarts <= 4,
            "the blamed task is retried once"
        )
    }

    @Test func crashHasTheSignalOrTheExitCode() {
        let killed = TestJob.run(tasks: 1, worker(on: "*task*", does: "kill -SEGV $$"))
        #expect(killed.endings == [1: .crashed(WorkerExit(signal: SIGSEGV))])
        let left = TestJob.run(tasks: 1, worker(on: "*task*", does: "echo dying >&2; exit 9"))
        #expect(left.endings == [1: .crashed(WorkerExit(status: 9))])
        #expect(left.notes.contains(.errorLine("dying")))
    }

    @Test func childCoordinatorThatSendsALongResultSlowlyIsNotEnded() {
        let script = """
            echo '{"t":"hello","v":1,"name":"fetchpool","concurrency":2}'
            while IFS= read -r line; do
              case "$line" in *'"t":"drain"'*) exit 0;; *'"t":"task"'*) ;; *) continue;; esac
              seq=${line#*'"seq":'}; printf '{"seq":%s,' ${seq%%,*}
              for second in 2 4 6; do sleep 2; printf ' '; done
              echo '"result":6}'
            done
            """
        let report = TestJob.run(tasks: 1, script) { ($0.trustedNames, $0.lossLimit) = (["fetchpool"], 0) }
        #expect(report.endings == [1: .result("6")])
        #expect(report.restarts == 0)
    }

    @Test func resultBeforeADeathCounts() {
        let report = TestJob.run(
            tasks: 1,
            #"read a; read b; s=${b#*'"seq":'}; echo "{\"seq\":${s%%,*},\"result\":5}"; kill -9 $$"#
        )
        #expect(report.endings == [1: .result("5")])
    }

    @Test func grandchildWithOpenPipesDelaysTheEndOnlyBriefly() {
        let start = ContinuousClock().now
        let script = worker(on: "*task*", does: "(sleep 30 & ) ; kill -9 $$")
        let report = TestJob.run(tasks: 1, script) { $0.crashRetries = 0 }
        #expect(report.endings == [1: .crashed(WorkerExit(signal: SIGKILL))])
        #expect(ContinuousClock().now - start < .seconds(20))
    }

    @Test func grandchildInItsOwnSessionDelaysTheEndOnlyBriefly() {
        let start = ContinuousClock().now
        let script = worker(on: "*task*", does: "(setsid sleep 30 &) ; sleep 0.1; kill -9 $$")
        let report = TestJob.run(tasks: 1, script) { $0.crashRetries = 0 }
        #expect(report.endings == [1: .crashed(WorkerExit(signal: SIGKILL))])
        #expect(ContinuousClock().now - start < .seconds(20))
    }

    @Test func strayLinesAreReportedAndEndNoTask() {
        let job = TestJob.run(tasks: 3, worker(on: "*task*", does: "seq 1 1000 | sed 's/^/line /'"))
        #expect(job.endings.values.count { if case .result = $0 { true } else { false } } == 3)
        #expect(job.notes.contains { if case .unusableLine("line 1", _) = $0 { true } else { false } })
        #expect(job.restarts == 0)
    }

    @Test func floodOfStrayLinesEndsTheTaskAfterARetry() {
        let flood = "while head -c 17000000 /dev/zero; do echo; done"
        let job = TestJob.run(tasks: 1, worker(on: "*task*", does: flood))
        #expect(job.endings == [1: .brokeProtocol])
        #expect(job.triedAgain == [1])
        #expect(job.complaints[1]?.contains("and no result") == true)
        #expect(job.endedBy.count == 1 && !job.endedBy.contains(0), "\(job.endedBy)")
    }

    @Test func malformedResultFailsItsTaskAtOnce() {
        let script =
            #"read a; read b; s=${b#*'"seq":'}; echo "{\"seq\":${s%%,*},\"fields\":{\"id\":1}}"; read c"#
        let job = TestJob.run(tasks: 1, script)
        #expect(job.endings == [1: .brokeProtocol] && job.triedAgain.isEmpty)
    }

    /// A child coordinator's result contains a result of one of its workers and further members, so the line
    /// may be longer than the line of a worker.
    @Test func onlyAChildCoordinatorMaySendALineOfMoreThan16MiB() {
        let line = #"printf '{"seq":%s,"result":"' "$seq"; head -c 16777216 /dev/zero | tr '\0' x; echo '"}'"#
        let job = TestJob.run(tasks: 1, worker(on: "*task*", does: line + "; continue"))
        #expect(job.endings == [1: .brokeProtocol])
        let hello = #"{"t":"hello","v":1"#
        let child = worker(on: "*task*", does: line + "; continue")
            .replacing(hello, with: hello + #","name":"fetchpool""#)
        let ending = TestJob.run(tasks: 1, child).endings[1]
        #expect(ending.map { if case .result = $0 { true } else { false } } == true)
    }

    @Test func invalidUTF8FailsItsTaskAtOnce() {
        let script = worker(on: "*task*", does: #"printf '{"seq":%s,"result":"\377"}\n' "$seq"; read more"#)
        let job = TestJob.run(tasks: 1, script)
        #expect(job.endings == [1: .brokeProtocol] && job.triedAgain.isEmpty)
    }

    @Test func workerThatClosesItsOutputAndLivesOnIsEnded() {
        let start = ContinuousClock().now
        let report = TestJob.run(tasks: 8, worker(on: #"*'"token":3}'*"#, does: "exec 1>&-; exec sleep 60"))
        #expect(report.endings.count == 8)
        #expect(report.exits[3]?.wasStopped == true)
        #expect(report.endings.values.count { if case .result = $0 { true } else { false } } == 7)
        #expect(ContinuousClock().now - start < .seconds(20))
    }

    /// A child coordinator waits after SIGTERM for its own tasks, so only the end of its input lets it exit
    /// before SIGKILL.
    @Test(arguments: [true, false])
    func onlyAChildCoordinatorReadsTheEndOfItsInputBeforeSIGKILL(isCoordinator: Bool) {
        let folder = TestFolder()
        let name = isCoordinator ? "fetchpool" : "other"
        let script = """
            trap '' TERM
            echo '{"t":"hello","v":1,"name":"\(name)"}'
            exec 1>&-
            while read -r line; do :; done
            : > '\(folder.path)/left'
            """
        _ = TestJob.run(tasks: 1, script) { $0.crashRetries = 0 }
        #expect(folder.names == (isCoordinator ? ["left"] : []))
    }

    @Test func poolWhoseWorkersCannotStartEndsWithTheirLastLine() {
        let report = TestJob.run(tasks: 3, "echo no such module >&2; exit 1")
        #expect(report.end.map { if case .cannotStart = $0 { true } else { false } } == true)
        #expect(report.lastWords == ["no such module"])
        #expect(report.endings.values.allSatisfy { $0 == .cancelled })
    }

    @Test func poolEndsIfOneOfItsCommandsCannotBeRun() {
        let missing = WorkerCommand(executable: "/nonexistent/worker", arguments: [])
        let shell = WorkerCommand(executable: "/bin/sh", arguments: ["-c", worker()])
        let report = TestJob.run(tasks: 3, workers: 4, commands: [missing, shell])
        #expect(report.end.map { if case .cannotStart = $0 { true } else { false } } == true)
        #expect(report.endings.values.allSatisfy { $0 == .cancelled })
    }

    @Test func eachOfManyDeathsEndsItsTask() {
        let script = worker(on: "*task*", does: "kill -9 $$")
        let report = TestJob.run(tasks: 300, workers: 2, script) { $0.crashRetries = 0 }
        #expect(report.endings.count == 300)
        #expect(report.endings.values.allSatisfy { $0 == .crashed(WorkerExit(signal: SIGKILL)) })
    }
}
