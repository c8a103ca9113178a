// SPDX-License-Identifier: MIT
// fetchpool

/// The routes `/stats`, `/log` and `/reset-stats`, which report and reset the counts and the log of requests.
///
/// Requests to these routes are neither counted nor logged.
enum ControlRoutes {
    static var all: [String: Route] {
        [
            "stats": { _, site in stats(site.statistics) },
            "log": { _, site in log(site.log) },
            "reset-stats": { _, site in
                site.statistics.clear()
                site.log.clear()
                return .text("The counts and the log are cleared.\n")
            },
        ]
    }

    private static func stats(_ statistics: Statistics) -> Reply {
        var json = JSONText()
        json.raw("{\"requests\":\(statistics.requests),\"connections\":\(statistics.connections)")
        json.raw(",\"max_concurrent_requests\":\(statistics.maxConcurrent),\"by_path\":{")
        for (index, entry) in statistics.byPath.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { json.raw(",") }
            json.string(entry.key)
            json.raw(":\(entry.value)")
        }
        json.raw("},\"repeated\":\(statistics.repeated)}\n")
        return .content("application/json", json.bytes)
    }

    /// Returns the log: for each request, oldest first, one line with a JSON object.
    ///
    /// The times are milliseconds of the monotonic clock.
    private static func log(_ log: RequestLog) -> Reply {
        var json = JSONText()
        for entry in log.inOrder {
            json.raw("{\"arrived_ms\":\(milliseconds(entry.arrived))")
            if let began = entry.began { json.raw(",\"answered_ms\":\(milliseconds(began))") }
            if let ended = entry.ended { json.raw(",\"ended_ms\":\(milliseconds(ended))") }
            json.raw(",\"connection\":\(entry.connection),\"host\":")
            json.string(entry.host)
            json.raw(",\"in_flight\":\(entry.inFlight),\"method\":")
            json.string(entry.method)
            json.raw(",\"target\":")
            json.string(entry.target)
            if let status = entry.status { json.raw(",\"status\":\(status)") }
            if let retryAfter = entry.retryAfter {
                json.raw(",\"retry_after\":")
                json.string(retryAfter)
            }
            json.raw("}\n")
        }
        return .content("application/x-ndjson", json.bytes)
    }

    /// Returns a time in milliseconds with three decimals, rounded down.
    private static func milliseconds(_ nanoseconds: UInt64) -> String {
        let micros = String(nanoseconds / 1000 % 1000)
        return "\(nanoseconds / 1_000_000)." + String(repeating: "0", count: 3 - micros.utf8.count) + micros
    }
}
