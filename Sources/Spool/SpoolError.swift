// SPDX-License-Identifier: MIT
// fetchpool

/// The reason for which a spool cannot be made or used any longer, as one sentence that names the option to change.
package struct SpoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    package let description: String

    init(_ description: String) { self.description = description }
}
