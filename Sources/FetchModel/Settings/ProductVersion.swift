// SPDX-License-Identifier: MIT
// fetchpool

/// The version that all programs of the package report.
package enum ProductVersion {
    /// The version number (semver.org).
    package static let text = "0.1.0"
    /// The default `User-Agent` of requests.
    package static let userAgent = "fetchpool/\(text)"
}
