// SPDX-License-Identifier: MIT
// fetchpool

/// Counts of requests, by path and in all, and the log of the last ones.
struct Statistics {
    /// The most distinct paths that are counted one by one; later ones count only in the total.
    static let maxPaths = 100_000
    /// The most requests the log holds.
    static let maxLogLines = 100_000

    /// One line of the log.
    struct LogLine {
        /// Microseconds since the start of the server.
        let time: UInt64
        let method: String
        let target: String
    }

    private let start = ProcessSetup.now()
    private(set) var requests = 0
    private(set) var connections = 0
    private(set) var maxConcurrent = 0
    /// Requests whose path had been seen before, among the paths counted one by one.
    private(set) var repeated = 0
    private(set) var byPath: [String: Int] = [:]
    private var concurrent = 0
    private var log: [LogLine] = []
    private var oldestLine = 0

    /// Counts an accepted connection.
    mutating func countConnection() { connections += 1 }

    /// Counts a request that has come in whole at `now`, in nanoseconds of the monotonic clock.
    mutating func requestArrived(method: String, target: String, at now: UInt64) {
        requests += 1
        concurrent += 1
        maxConcurrent = max(maxConcurrent, concurrent)
        if let index = byPath.index(forKey: target) {
            byPath.values[index] += 1
            repeated += 1
        } else if byPath.count < Self.maxPaths {
            byPath[target] = 1
        }
        let line = LogLine(time: (now - start) / 1000, method: method, target: target)
        if log.count < Self.maxLogLines {
            log.append(line)
        } else {
            log[oldestLine] = line
            oldestLine = (oldestLine + 1) % Self.maxLogLines
        }
    }

    /// Notes that the answer to a counted request was sent, or its connection lost.
    mutating func requestEnded() { concurrent -= 1 }

    /// Forgets everything but the requests that are being answered now.
    mutating func clear() {
        (requests, connections, repeated, oldestLine) = (0, 0, 0, 0)
        maxConcurrent = concurrent
        byPath = [:]
        log = []
    }

    /// The log from the oldest line to the newest.
    var logLines: [LogLine] { Array(log[oldestLine...] + log[..<oldestLine]) }
}
