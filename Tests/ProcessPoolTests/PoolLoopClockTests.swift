// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire
import ProcessPool
import TestThreads
import Testing

/// Tests of the time that the loop measures while its own work takes long.
@Suite(.ownThread) struct PoolLoopClockTests {
    /// A job of two pools.
    ///
    /// After the first beat of each task of the second pool, the turn of the loop takes 0.2 s. In this time,
    /// another beat and lines of the first pool's workers (`Noise`) come, so the next turn reads both pools.
    /// In the next turn, the read of each worker of the first pool takes 0.4 s.
    private final class Job: PoolClient, LoopClient {
        let tasks: Int
        /// The nanoseconds that each task took by the clock of the loop, by the clock of its worker, and from
        /// the call of `writeTask` to the call of `completed`.
        private(set) var durations: [(measured: Int, real: Int, elapsed: Int)] = []
        private var sentAt = 0
        private var (given, isOver) = (0, false)
        private var (hasBeat, hasRested) = (false, false)
        /// The workers of the first pool for which `waitOnce` has waited during the current task.
        private var waited: Set<WorkerID> = []
        private lazy var loop = PoolLoop(client: self, host: KernelHost(wake: WakePipe()))
        private lazy var noise = Noise(self)

        /// The client of the first pool, whose workers have no task and write to standard error.
        final class Noise: PoolClient {
            private unowned let job: Job
            init(_ job: Job) { self.job = job }

            let expectedTasks = 0
            func nextTask() -> PoolTask? { nil }
            func writeInit(for worker: WorkerID, into writer: inout JSONWriter) {
                writer.writeInit(config: Array("{}".utf8))
            }
            func writeTask(_: Int, seq _: Int, attempt _: Int, to _: WorkerView, into _: inout JSONWriter) {}
            func completed(_: AcceptedResult, _: ResultMessage, in _: Span<UInt8>, by _: WorkerView) {}
            func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int) {}
            func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?) {}
            func noted(_ note: WorkerNote, of worker: WorkerView) {
                if case .errorLine = note { job.waitOnce(for: worker.id) }
            }
            func poolEnded(_ end: PoolEnd) {}
        }

        init(tasks: Int) { self.tasks = tasks }

        func run(_ noises: Int, noise: String, worker: String) {
            for (script, client) in [(noise, self.noise as any PoolClient), (worker, self)] {
                var options = PoolOptions(workers: script == noise ? noises : 1)
                options.startsAll = true
                let command = WorkerCommand(executable: "/bin/sh", arguments: ["-c", script])
                _ = loop.addPool(options, commands: [command], client: client)
            }
            loop.run { !isOver }
        }

        private func waitOnce(for worker: WorkerID) {
            guard hasRested, waited.insert(worker).inserted else { return }
            usleep(400_000)
        }

        let expectedTasks = 0
        func nextTask() -> PoolTask? {
            guard given < tasks, durations.count == given else { return nil }
            given += 1
            return PoolTask(token: given, mayRepeat: true)
        }
        func writeInit(for worker: WorkerID, into writer: inout JSONWriter) {
            noise.writeInit(for: worker, into: &writer)
        }
        func writeTask(
            _ token: Int,
            seq: Int,
            attempt: Int,
            to worker: WorkerView,
            into writer: inout JSONWriter
        ) {
            sentAt = MonotonicClock.nanoseconds()
            writer.writeTask(seq: seq, attempt: attempt, task: Array("{}".utf8).span, response: nil)
        }
        func completed(
            _ task: AcceptedResult,
            _ message: ResultMessage,
            in line: Span<UInt8>,
            by worker: WorkerView
        ) {
            let real = message.result.flatMap { Int(String(decoding: line.array($0), as: UTF8.self)) }
            let elapsed = MonotonicClock.nanoseconds() - sentAt
            durations.append((task.nanosecondsInHand, real ?? .max, elapsed))
            (hasBeat, hasRested, waited) = (false, false, [])
            if durations.count == tasks { isOver = true }
        }
        func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int) {}
        func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?) { isOver = true }
        func noted(_ note: WorkerNote, of worker: WorkerView) {
            if case .beat = note { hasBeat = true }
        }
        func poolEnded(_ end: PoolEnd) { isOver = true }
        func turn(at now: PoolTime) {
            guard hasBeat, !hasRested else { return }
            hasRested = true
            usleep(200_000)
        }
        func endOfTurn(at now: PoolTime) {}
        func nextWake(after now: PoolTime) -> PoolTime? { nil }
    }

    /// If a result comes while the loop reads another worker, the loop's clock is advanced before the loop
    /// reads the result.
    @Test(arguments: [(1, "0.35"), (4, "1.5")])
    func tasksDoNotSeemShorterThanTheyAre(noises: Int, seconds: String) {
        let noise = """
            echo '{"t":"hello","v":1}'
            while sleep 0.02; do echo noise >&2; done
            """
        let worker = """
            echo '{"t":"hello","v":1}'
            while IFS= read -r line; do
              case "$line" in *'"t":"task"'*) ;; *) continue;; esac
              seq=${line#*'"seq":'}; seq=${seq%%,*}; begin=$(date +%s%N)
              echo '{"t":"beat"}'; sleep 0.1; echo '{"t":"beat"}'; sleep \(seconds)
              echo "{\\"seq\\":$seq,\\"result\\":$(($(date +%s%N) - begin))}"
            done
            """
        let job = Job(tasks: 3)
        job.run(noises, noise: noise, worker: worker)
        #expect(job.durations.count == 3)
        for (measured, real, elapsed) in job.durations {
            // On a busy machine, the loop's clock may leave out a pause of more than a second. Each wait of
            // this test is shorter.
            let hasGap = elapsed - measured > 800_000_000
            #expect(measured >= real || hasGap, "\(measured) of \(real), \(elapsed)")
        }
    }
}
