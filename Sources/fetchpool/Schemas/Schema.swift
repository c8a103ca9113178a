// SPDX-License-Identifier: MIT
// fetchpool

/// The JSON Schemas (draft 2020-12) of records and statistics, which `fetchpool schema` prints.
///
/// Tests compare the schemas with the output of many kinds of runs. A schema refuses members that it does not
/// name, so a test fails if a schema lacks a member of this output.
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
