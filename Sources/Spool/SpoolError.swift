// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a spool cannot be created or used.
package struct SpoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence for people; the sentence names the option to change.
    package let description: String

    init(_ description: String) { self.description = description }
}
