// SPDX-License-Identifier: MIT
// fetchpool

/// Why the fixture server cannot be used, or why what it serves was not fetched.
package struct FixtureError: Error, CustomStringConvertible {
    /// One sentence that says what to change.
    package let description: String

    /// Creates an error with a sentence.
    package init(_ description: String) { self.description = description }
}
