// SPDX-License-Identifier: MIT
// fetchpool

/// Where a program's standard input comes from.
package enum StandardInput: Sendable {
    /// From the test.
    case pipe
    /// The descriptor is closed.
    case closed
    /// From a file.
    case file(String)
}

/// Where a program's standard output goes.
package enum StandardOutput: Sendable {
    /// To the test.
    case pipe
    /// The descriptor is closed.
    case closed
    /// To a file that exists.
    case file(String)
}
