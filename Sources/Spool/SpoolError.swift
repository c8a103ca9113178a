// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a spool cannot be created or used: one sentence that names the option to change.
package struct SpoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence for people.
    package let description: String

    init(_ description: String) { self.description = description }
}
