// SPDX-License-Identifier: MIT
// fetchpool

extension Bench {
    /// Small answers over connections that are kept; wrk, which reads no list and keeps no result, is the wall.
    func small() throws -> [Contender] {
        let count = count(200_000)
        let list = try folder.write((1...count).map(server.small), to: "small")
        var all = [
            ours(.small, "fetchpool", ["--workers", "2", "--per-host", "0", "--input", list])
        ]
        guard let peers else { return all }
        func add(_ name: String, _ command: Command) {
            all.append(
                Contender(workload: .small, name: name, isPeer: true, command: command, result: .report)
            )
        }
        func first(_ number: Int) -> [String] { [list, String(min(count, self.count(number)))] }
        add("curl --parallel", peers.shell("curl_small", first(60_000)))
        return all
    }
}
