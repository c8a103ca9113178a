// SPDX-License-Identifier: MIT
// fetchpool

/// A kind of work that is measured.
package enum Workload: String, CaseIterable, Codable, Sendable {
    case dispatch, small, pages, crashes, growth, burn, latency, start

    /// What is done, for the heading of a table.
    var title: String {
        switch self {
        case .dispatch: "no-op tasks through 2 workers"
        case .small: "answers of 111 bytes over connections that are kept"
        case .pages: "pages of 50 KB, links extracted"
        case .crashes: "pages of 50 KB, 1 in 100 of which ends its worker by SIGSEGV"
        case .growth: "the same task many times"
        case .burn: "20 ms of computing for each page, 1 s for 1 in 50"
        case .latency: "500 requests to a server that takes 17 ms for each"
        case .start: "one URL, the whole program"
        }
    }
}
