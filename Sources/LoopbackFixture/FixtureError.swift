// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why the fixture server cannot be used, or its pages were not fetched.
package struct FixtureError: Error, CustomStringConvertible {
    /// One sentence that says what to change.
    package let description: String

    /// Makes an error from a sentence.
    package init(_ description: String) { self.description = description }
}
