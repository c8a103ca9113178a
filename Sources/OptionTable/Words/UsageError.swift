// SPDX-License-Identifier: MIT
// fetchpool

/// An error in the user's command line; the process then exits with status 2.
package struct UsageError: Error, Hashable, CustomStringConvertible {
    /// One sentence without a full stop, which is printed after the program's name.
    package let description: String

    /// Creates an error with its message.
    package init(_ description: String) {
        self.description = description
    }
}
