// SPDX-License-Identifier: MIT
// fetchpool

/// The form of the lines on standard error.
package enum LogFormat: String, CaseIterable, Sendable {
    case text, json
}
