// SPDX-License-Identifier: MIT
// fetchpool

/// `/stats`, `/log` and `/reset-stats`: what was asked for so far.
///
/// These are not counted themselves.
enum ControlRoutes {
    static var all: [String: Route] {
        [
            "stats": { _, site in stats(site.statistics) },
            "log": { _, site in log(site.statistics) },
            "reset-stats": { _, site in
                site.statistics.clear()
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

    /// One line for each request: microseconds since the start, method, path with query.
    private static func log(_ statistics: Statistics) -> Reply {
        var text: [UInt8] = []
        for line in statistics.logLines { text += "\(line.time) \(line.method) \(line.target)\n".utf8 }
        return .content("text/plain; charset=utf-8", text)
    }
}
