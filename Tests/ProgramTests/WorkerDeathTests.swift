// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of killed processes of a run.
///
/// The death of a worker loses no task. After the death of the coordinator, its workers end, and the next run
/// removes its spool.
@Suite(.ownThread)
struct WorkerDeathTests {
    private let server: FixtureServer
    private let folder: TestFolder

    init() throws {
        server = try FixtureServer()
        folder = TestFolder()
    }

    private func restarts() throws -> Int {
        let stats = try JSONSerialization.jsonObject(with: Data(folder.read("stats").utf8)) as? [String: Any]
        return stats?["worker_restarts"] as? Int ?? -1
    }

    @Test func tasksOfAKilledFetchWorkerAreFetchedAgain() throws {
        // Both workers must have many requests to this one server in flight.
        let arguments = ["-q", "-w", "2", "--per-host", "0", "--stats", folder.path + "/stats"]
        let running = try RunningProgram("fetchpool", arguments)
        for number in 1...40 { try running.send("\(server.base)/delay/2000?\(number)") }
        try running.send("\(server.base)/get")
        let first = try #require(try running.record())
        #expect(first.id == "41")
        // This worker has requests in flight to which the server has not responded.
        kill(try #require(first.workerPid), SIGKILL)
        let rest = try running.remainingRecords()
        #expect(rest.sortedIDs == Array(1...40))
        #expect(rest.outcomes == ["ok": 40])
        #expect(try running.waitForEnd() == .status(0))
        #expect(try server.statistics().repeated > 0)
        #expect(try restarts() == 1)
    }

    @Test func responsesOfAKilledProcessingWorkerAreNotFetchedAgain() throws {
        let running = try RunningProgram(
            "fetchpool",
            ["-q", "-p", "links", "-w", "2", "--stats", folder.path + "/stats"]
        )
        for number in 1...150 { try running.send("\(server.base)/page/\(number)") }
        var records: [Record] = []
        for _ in 0..<10 { records.append(try #require(try running.record())) }
        kill(try #require(records.last?.processorPid), SIGKILL)
        records += try running.remainingRecords()
        #expect(records.sortedIDs == Array(1...150))
        #expect(records.outcomes == ["ok": 150])
        #expect(try running.waitForEnd() == .status(0))
        #expect(try restarts() == 1)
        let statistics = try server.statistics()
        #expect(statistics.requests == 150)
        #expect(statistics.repeated == 0)
    }

    @Test func theNextRunRemovesTheSpoolOfAKilledCoordinator() throws {
        let spool = folder.makeFolder("spool")
        let arguments = ["-q", "-w", "1", "-p", "links", "--spool", spool.path]
        let running = try RunningProgram("fetchpool", arguments)
        try running.send("\(server.base)/page/1")
        #expect(try running.record()?.outcome == "ok")
        running.signal(SIGKILL)
        try running.waitForEnd()
        #expect(spool.names.count == 1)
        #expect(try RunningProgram.run("fetchpool", arguments + ["data:text/html,x"]).end == .status(0))
        #expect(spool.names == [])
    }

    /// The arguments of coordinators to kill, the largest number of processes below each coordinator, and the
    /// path of a page that keeps a worker busy.
    ///
    /// The number includes the coordinator's guard, if there is one. The guard is a process that kills the
    /// process groups of users' workers after the death of the coordinator.
    private static var families: [(arguments: [String], workers: Int, path: String)] {
        let ours = BuiltPrograms.path("fetchpool")
        let two = ["-w", "2", "--fetchers", "1", "-x"]
        return [
            (["-w", "2"], 2, "/hang"),
            (["-w", "2", "-p", "links"], 3, "/hang"),
            (two + ["\(BuiltPrograms.path("fixture-processor")) --supervised"], 4, "/task/spin"),
            (two + ["\(BuiltPrograms.path("fixture-processor")) --supervised"], 4, "/task/hang"),
            (two + ["sh -c \(spin)"], 4, "/page/2"),
            (["-w", "1", "--worker", "'\(ours)' --supervised -w 2 -p links"], 5, "/hang"),
        ]
    }

    /// A worker in shell: on `/page/2`, the worker computes forever and reads no more input.
    ///
    /// For each other task, the worker sends a result.
    private static let spin =
        #"'echo "{\"t\":\"hello\",\"v\":1}"; read i; while read l; do case "$l" in *page/2*) while :; do :; done;; esac; "#
        + #"s=${l#*seq\":}; echo "{\"seq\":${s%%,*},\"result\":1}"; done'"#

    @Test(arguments: 0..<6)
    func noWorkerOutlivesAKilledCoordinator(family: Int) throws {
        let (arguments, count, path) = Self.families[family]
        let running = try RunningProgram("fetchpool", arguments)
        try running.send("\(server.base)/page/1\n\(server.base)\(path)")
        #expect(try running.record()?.outcome == "ok")
        let workers = try ProcessWatch.all(below: running.pid)
        // Workers start when tasks arrive, so it is possible that only some workers have started.
        #expect((1...count).contains(workers.count))
        running.signal(SIGKILL)
        let start = ContinuousClock.now
        #expect(try running.waitForEnd() == .signal(SIGKILL))
        for worker in workers {
            let left = start + .seconds(10) - .now
            #expect(worker.hasEnded(within: max(left, .zero)), "the process \(worker.pid) still runs")
        }
    }
}
