// SPDX-License-Identifier: MIT
// fetchpool

/// Why a benchmark could not go on.
package struct BenchError: Error, CustomStringConvertible {
    /// One sentence that says what to change.
    package let description: String

    /// Creates an error with a sentence.
    package init(_ description: String) { self.description = description }
}
