// SPDX-License-Identifier: MIT
// fetchpool

/// The figures of some workloads, in addition to rate, processor time and memory; the raw values are the
/// names in JSON.
enum FigureName: String, CaseIterable, Sendable {
    case firstTenth = "first_tenth_per_second"
    case lastTenth = "last_tenth_per_second"
    case connections = "tls_connections"
    case resumed = "tls_connections_resumed"
    case megabytes = "megabytes_per_core_second"
    case median = "median_us"

    /// The label in the remarks of a report.
    var text: String {
        switch self {
        case .firstTenth: "first tenth, per second:"
        case .lastTenth: "last tenth:"
        case .connections: "TLS connections:"
        case .resumed: "resumed:"
        case .median: "median of a task, in microseconds:"
        case .megabytes: "MB of pages in a second of one core:"
        }
    }
}
