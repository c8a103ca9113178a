// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

/// What all contenders share: the servers, the folder of lists and results, and where programs lie.
struct Bench {
    let folder: TemporaryFolder
    let server: WebServer
    /// Takes 17 ms for each answer.
    let delayed: FixtureServer
    /// Answers at once.
    let instant: FixtureServer
    let programFolder: String
    let peers: PeerFolder?
    let scale: Double
    /// Cores of this machine.
    let cores: Int
    /// The servers of crawls; `nil` until a workload needs them.
    var crawl: CrawlServers?

    /// All contenders of a workload, in the order of the table.
    ///
    /// The servers of crawls are started with the first workload that needs them.
    ///
    /// - Throws: `BenchError` if something is missing that the workload needs.
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
        case .small: try small()
        case .pages: try pages()
        case .crashes: try crashes()
        case .growth: try growth()
        case .burn: try burn()
        case .latency: try latency()
        case .start: start()
        }
    }

    /// A number of tasks, scaled; at least `least`.
    func count(_ number: Int, least: Int = 20) -> Int {
        max(least, Int(Double(number) * scale))
    }

    /// The path of one of our programs.
    func program(_ name: String) -> String { programFolder + "/" + name }

    /// Where records go; the file is removed before each run.
    var records: String { folder.path + "/records" }

    /// A run of ours, with records in a file and a summary.
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

    /// A run of somebody else's that measures itself; none where there is no folder of peers.
    func peer(_ workload: Workload, _ name: String, _ command: (PeerFolder) -> Command) -> [Contender] {
        guard let peers else { return [] }
        let command = command(peers)
        return [Contender(workload: workload, name: name, isPeer: true, command: command, result: .report)]
    }
}
