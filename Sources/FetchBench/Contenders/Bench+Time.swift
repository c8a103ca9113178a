// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension Bench {
    /// The number of requests of the latency workload.
    static let latencyRequests = 500
    /// The numbers of workers in the runs in which each worker has one request in flight.
    static let latencyWorkers = [1, 5, 10, 20]

    static func latencyName(workers: Int) -> String {
        "fetchpool, \(workers) \(workers == 1 ? "worker" : "workers")"
    }

    /// Makes the contenders of the latency workload.
    ///
    /// Either each worker has one request in flight, or all requests are in flight.
    func latency() throws -> [Contender] {
        let count = Self.latencyRequests
        func list(_ server: FixtureServer, _ name: String) throws -> String {
            try folder.write((1...count).map { "\(server.address)/get?\($0)" }, to: name)
        }
        let (slow, fast) = (try list(delayed, "delayed"), try list(instant, "instant"))
        let all = ["--workers", "1", "--concurrency", String(count), "--input"]
        return Self.latencyWorkers.map { workers in
            timed(
                Self.latencyName(workers: workers),
                ["--workers", String(workers), "--concurrency", "1", "--input", slow],
                .delayed
            )
        } + [
            timed("fetchpool, all in flight", all + [slow], .delayed),
            timed("fetchpool, all in flight, no delay", all + [fast], .instant),
        ]
    }

    /// Makes a contender whose time begins when `server` gets the first request, and ends at the last record.
    private func timed(_ name: String, _ arguments: [String], _ server: Contender.TimingServer) -> Contender {
        let summary = folder.path + "/summary"
        let fixed = ["--quiet", "--progress", "off", "--per-host", "0", "--stats", summary]
        var command = Command(program("fetchpool"), fixed + arguments)
        command.isOutputTimed = true
        return Contender(
            workload: .latency,
            name: name,
            isPeer: false,
            command: command,
            result: .summary(file: summary),
            timedBy: server
        )
    }

    /// Makes two contenders, fetchpool and curl, that fetch one URL.
    ///
    /// The time includes the start of the program.
    func start() -> [Contender] {
        let url = server.small(0)
        let curl = Command("curl", ["--silent", "--output", folder.path + "/response", url])
        let own = Command(program("fetchpool"), ["--quiet", "--output", records, url])
        return [("fetchpool", own, false), ("curl", curl, true)].map { name, command, isPeer in
            Contender(
                workload: .start,
                name: name,
                isPeer: isPeer,
                command: command,
                result: .exitStatus,
                repetitions: count(20, least: 5)
            )
        }
    }
}
