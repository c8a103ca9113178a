// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why the fixture server, a port or a temporary folder cannot be used.
///
/// The demo of fetchpool also throws this error if not all pages of the server were fetched.
package struct FixtureError: Error, CustomStringConvertible {
    /// The message: a sentence about what is wrong.
    package let description: String

    /// Makes an error from a sentence.
    package init(_ description: String) { self.description = description }
}
