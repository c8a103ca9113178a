// SPDX-License-Identifier: MIT
// fetchpool

/// The version that all programs of the package say they are.
package enum ProductVersion {
    /// The number (semver.org).
    package static let text = "0.1.0"
    /// The `User-Agent` of requests that name no other.
    package static let userAgent = "fetchpool/\(text)"
}
