// SPDX-License-Identifier: MIT
// fetchpool

/// The user typed something that the program cannot accept; the process exits with status 2.
package struct UsageError: Error, Hashable, CustomStringConvertible {
    /// One sentence, without a final stop, that names what is wrong; it is printed after the program's name.
    package let description: String

    /// Creates an error from its sentence.
    package init(_ description: String) {
        self.description = description
    }
}
