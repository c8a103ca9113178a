// SPDX-License-Identifier: MIT
// fetchpool

/// The JSON Schemas (draft 2020-12) of records and statistics, which `fetchpool schema` prints.
///
/// A schema refuses members that it does not name.
enum Schema: String, CaseIterable {
    case records, statistics

    /// The schema as JSON, without a line feed at its end.
    var text: String {
        switch self {
        case .records: Self.recordsText
        case .statistics: Self.statisticsText
        }
    }
}
