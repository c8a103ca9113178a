// SPDX-License-Identifier: MIT
// fetchpool

/// The JSON Schemas (draft 2020-12) of what a run writes, which `fetchpool schema` prints.
///
/// Tests compare them with the output of many kinds of runs. A member that a schema does not name is refused,
/// so that no schema becomes outdated.
enum Schema: String {
    case records, statistics

    /// The schema as JSON, without a line feed at its end.
    var text: String {
        switch self {
        case .records: Self.recordsText
        case .statistics: Self.statisticsText
        }
    }
}
