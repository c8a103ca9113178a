// SPDX-License-Identifier: MIT
// fetchpool

/// The counts of connections, of requests, and of the requests for each target.
struct Statistics {
    /// The largest number of targets that are counted separately; later targets count only in the total.
    static let maxPaths = 100_000

    private(set) var requests = 0
    private(set) var connections = 0
    private(set) var maxConcurrent = 0
    /// The number of requests for targets that were already in `byPath`.
    private(set) var repeated = 0
    private(set) var byPath: [String: Int] = [:]
    private var concurrent = 0

    /// Counts an accepted connection.
    mutating func countConnection() { connections += 1 }

    /// Counts a request that has arrived completely.
    mutating func requestArrived(target: String) {
        requests += 1
        concurrent += 1
        maxConcurrent = max(maxConcurrent, concurrent)
        if let index = byPath.index(forKey: target) {
            byPath.values[index] += 1
            repeated += 1
        } else if byPath.count < Self.maxPaths {
            byPath[target] = 1
        }
    }

    /// Notes that the response to a counted request was sent, or that the connection has ended.
    mutating func requestEnded() { concurrent -= 1 }

    /// Resets all counts except the number of requests in progress, which becomes the new `maxConcurrent`.
    mutating func clear() {
        (requests, connections, repeated) = (0, 0, 0)
        maxConcurrent = concurrent
        byPath = [:]
    }
}
