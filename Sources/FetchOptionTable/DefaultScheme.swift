// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import OptionTable

/// The scheme for URLs without a scheme.
package enum DefaultScheme: String, CaseIterable, OptionValue {
    case http, https

    /// The row of `--default-scheme`.
    package static func row<Settings>(
        sets path: any WritableKeyPath<Settings, DefaultScheme?> & Sendable
    ) -> OptionRow<Settings> {
        .value(
            "--default-scheme",
            as: allCases.map(\.rawValue).joined(separator: "|"),
            sets: path,
            shownDefault: "none",
            help:
                "the scheme of URLs that have none, as in lists of bare hosts; without this option such URLs are refused"
        )
    }

    /// This scheme, converted to a `TargetURL.Scheme`.
    package var scheme: TargetURL.Scheme { self == .http ? .http : .https }
}
