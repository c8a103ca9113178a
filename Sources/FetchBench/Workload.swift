// SPDX-License-Identifier: MIT
// fetchpool

/// A kind of work that the benchmark measures.
package enum Workload: String, CaseIterable, Codable, Sendable {
    case tls, hosts, h2, mixed, few, dispatch, map, small, pages, python, bodies, crashes, growth, burn
    case latency, start

    /// The description for the heading of a table; its numbers are those of a run in full size.
    var title: String {
        switch self {
        case .tls: "HTTPS: new hosts, hosts with several requests, one host"
        case .hosts: "many hosts, whose names a name server resolves"
        case .h2: "small responses from one host over HTTP/2"
        case .mixed: "1,000 hosts: 20 % slow, 5 % of pages refused, 2 % reset, a few large"
        case .few: "500 hosts with a delay of 50 to 300 ms before each response"
        case .python: "web pages for workers in Python"
        case .bodies: "bodies of 1 MiB"
        case .dispatch: "no-op tasks through 2 workers"
        case .map: "map and submit of a function without work, through 2 workers"
        case .small: "responses of 111 bytes over reused connections"
        case .pages: "web pages: their links, or their text"
        case .crashes: "web pages, 1 in 100 of which ends its worker by SIGSEGV"
        case .growth: "the same task, once or many times"
        case .burn: "20 ms of computing for each page, 1 s for 1 in 50"
        case .latency: "500 requests to a server that takes 17 ms for each"
        case .start: "one URL, the whole program"
        }
    }

    /// True if the workload needs a private network (`CrawlNetwork`).
    var needsNetwork: Bool {
        switch self {
        case .tls, .hosts, .h2, .mixed, .few: true
        default: false
        }
    }
}
