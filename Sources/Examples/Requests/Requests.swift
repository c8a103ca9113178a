// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import FoundationNetworking
import ProcessPool

/// The session of each worker.
///
/// The time-out of a single `URLRequest` has no effect on Linux.
let session = {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 1  // seconds
    return URLSession(configuration: configuration)
}()

/// Fetches a page in a worker, and returns its size in bytes.
///
/// A failed fetch is tried again, three times at most, after 50 ms, 100 ms and 200 ms. Each wait is shortened
/// at random, by up to half. The workers therefore do not all try again at the same time.
let fetch = WorkerFunction("fetch") { (address: String) async throws -> Int in
    guard let url = URL(string: address) else { throw URLError(.badURL) }
    for wait in [50.0, 100, 200, nil] {
        do {
            let (body, response) = try await session.data(from: url)
            guard (response as? HTTPURLResponse)?.statusCode == 200 else {
                throw URLError(.badServerResponse)
            }
            return body.count
        } catch {
            guard let wait else { throw error }
            try await Task.sleep(for: .milliseconds(wait * Double.random(in: 0.5...1)))
        }
    }
    preconditionFailure("the last try returns or throws")
}

@main
struct Requests {
    static func main() async throws {
        ProcessPoolExecutor.serveIfWorker(fetch)
        let server = CommandLine.arguments[1]
        // Each fiftieth page fails twice and then succeeds. The server never responds to `/hang`, below.
        let pages = (1...499).map { server + ($0 % 50 == 0 ? "/flaky/2/\($0)" : "/get?\($0)") }
        var configuration = PoolConfiguration(maxWorkers: 8)  // eight requests at once
        configuration.taskDeadline = .seconds(30)  // a worker that hangs is ended, and replaced
        configuration.crashRetries = 1
        try await withProcessPool(configuration: configuration) { pool in
            let clock = ContinuousClock()
            var (fetched, failed) = (0, 0)
            let submitting = try await clock.measure {
                let futures = (pages + [server + "/hang"]).map { pool.submit(fetch, $0) }
                for try await future in pool.asCompleted(futures) {
                    if future.error == nil { fetched += 1 } else { failed += 1 }
                }
            }
            print("as completed: \(fetched) fetched, \(failed) failed")
            var sizes: [Int] = []
            let mapping = try await clock.measure {
                for try await size in pool.map(fetch, pages) { sizes.append(size) }
            }
            print("in order: \(sizes.count) fetched, the first of \(sizes[0]) bytes")
            let times = "submit \(submitting), map \(mapping), slowest \(pool.statistics.slowestTasks[0])\n"
            FileHandle.standardError.write(Data(times.utf8))
        }
    }
}
