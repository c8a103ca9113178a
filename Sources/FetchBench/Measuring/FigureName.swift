// SPDX-License-Identifier: MIT
// fetchpool

/// The figures that some workloads have beyond rate, processor time and memory; the JSON has these names.
enum FigureName: String, CaseIterable, Sendable {
    case firstTenth = "first_tenth_per_second"
    case lastTenth = "last_tenth_per_second"
    case connections = "tls_connections"
    case resumed = "tls_connections_resumed"

    /// The name for people.
    var text: String {
        switch self {
        case .firstTenth: "first tenth, per second:"
        case .lastTenth: "last tenth:"
        case .connections: "TLS connections:"
        case .resumed: "resumed:"
        }
    }
}
