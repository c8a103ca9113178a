// SPDX-License-Identifier: MIT
// fetchpool

/// An error of a benchmark.
package struct BenchError: Error, CustomStringConvertible {
    /// The message: what is wrong, or what to change.
    package let description: String

    /// Makes an error with a message.
    package init(_ description: String) { self.description = description }
}
