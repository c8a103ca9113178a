// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a benchmark cannot continue.
package struct BenchError: Error, CustomStringConvertible {
    /// The message: what is wrong, or what to change.
    package let description: String

    /// Makes an error from a sentence.
    package init(_ description: String) { self.description = description }
}
