// SPDX-License-Identifier: MIT
// fetchpool

/// Counts of requests, by path and in all.
struct Statistics {
    /// The most distinct paths that are counted one by one; later ones count only in the total.
    static let maxPaths = 100_000

    private(set) var requests = 0
    private(set) var connections = 0
    private(set) var maxConcurrent = 0
    /// Requests whose path had been seen before, among the paths counted one by one.
    private(set) var repeated = 0
    private(set) var byPath: [String: Int] = [:]
    private var concurrent = 0

    /// Counts an accepted connection.
    mutating func countConnection() { connections += 1 }

    /// Counts a request that has come in whole.
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

    /// Notes that the answer to a counted request was sent, or its connection lost.
    mutating func requestEnded() { concurrent -= 1 }

    /// Forgets everything but the requests that are being answered now.
    mutating func clear() {
        (requests, connections, repeated) = (0, 0, 0)
        maxConcurrent = concurrent
        byPath = [:]
    }
}
