// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWorker
import Synchronization

/// A worker that does what the member `do` of a task says, for up to four tasks at the same time.
final class ConcurrentKitWorker: ConcurrentWorkerProgram {
    static let concurrency = 4
    private let inFlight = Atomic(0)
    private let most = Atomic(0)

    init() {}
    init(arguments: [String]) {}

    func handle(_ task: WorkerTask) async throws -> JSONResult {
        let now = inFlight.add(1, ordering: .relaxed).newValue
        most.max(now, ordering: .relaxed)
        defer { inFlight.subtract(1, ordering: .relaxed) }
        switch try task.json["do"].optional?.string ?? "most" {
        case "most": return ["most": most.load(ordering: .relaxed), "url": task.json["url"]]
        case "wait":
            try await Task.sleep(for: .milliseconds(try task.json["ms"].integer()))
            return ["waited": true]
        case "fail": throw TaskFailure("it failed")
        case "crash": fatalError("the task asked for a crash")
        case let verb: throw TaskFailure("cannot do '\(verb)'")
        }
    }
}
