// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

/// Makes contenders, which share servers, programs and a folder.
struct Bench {
    let folder: TemporaryFolder
    let server: WebServer
    /// A server with a delay of 17 ms before each response.
    let delayed: FixtureServer
    /// A server without a delay.
    let instant: FixtureServer
    let programFolder: String
    let peers: PeerFolder?
    let scale: Double
    /// The number of cores that this process may use.
    let cores: Int
    /// The servers of crawls; `nil` until a workload needs them.
    var crawl: CrawlServers?

    /// Returns all contenders of a workload, in the order of the table.
    ///
    /// The servers of crawls are started for the first workload that needs them.
    ///
    /// - Throws: `BenchError` or `FixtureError` if a needed program is missing or a server does not start; an
    ///   error of Foundation if a file cannot be written.
    mutating func contenders(_ workload: Workload) throws -> [Contender] {
        if workload.needsNetwork, crawl == nil {
            crawl = try CrawlServers(programFolder: programFolder, folder: folder)
        }
        return try list(workload)
    }

    private func list(_ workload: Workload) throws -> [Contender] {
        switch workload {
        case .tls: try tls()
        case .hosts: try hosts()
        case .h2: try h2()
        case .mixed: try mixed()
        case .few: try few()
        case .python: try python()
        case .bodies: try bodies()
        case .dispatch: try dispatch()
        case .map: map()
        case .small: try small()
        case .pages: try pages()
        case .crashes: try crashes()
        case .growth: try growth()
        case .burn: try burn()
        case .latency: try latency()
        case .start: start()
        }
    }

    /// Returns `number` x `scale`, but at least `least`.
    func count(_ number: Int, least: Int = 20) -> Int {
        max(least, Int(Double(number) * scale))
    }

    /// Returns the path of one of fetchpool's programs.
    func program(_ name: String) -> String { programFolder + "/" + name }

    /// The path of the file for records, which is removed before each run.
    var records: String { folder.path + "/records" }

    /// Makes a contender that runs fetchpool, which writes its records and its summary to files.
    func ours(_ workload: Workload, _ name: String, _ arguments: [String]) -> Contender {
        let summary = folder.path + "/summary"
        let fixed = ["--quiet", "--progress", "off", "--output", records, "--stats", summary]
        return Contender(
            workload: workload,
            name: name,
            isPeer: false,
            command: Command(program("fetchpool"), fixed + arguments),
            result: .summary(file: summary)
        )
    }

    /// Makes the contender of a peer, which reports its own time and its numbers of tasks; returns an empty
    /// array if there is no folder of peers.
    func peer(_ workload: Workload, _ name: String, _ command: (PeerFolder) -> Command) -> [Contender] {
        guard let peers else { return [] }
        let command = command(peers)
        return [Contender(workload: workload, name: name, isPeer: true, command: command, result: .report)]
    }
}
