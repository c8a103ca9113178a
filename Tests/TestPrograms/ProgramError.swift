// SPDX-License-Identifier: MIT
// fetchpool

/// An error of a program that a test needs, or of a resource that the test needs, such as a port or a pipe.
package struct ProgramError: Error, CustomStringConvertible {
    /// A message that says what failed.
    ///
    /// If a wait of a `RunningProgram` failed, the message also contains the last 2,000 bytes of the unread
    /// text of standard error.
    package let description: String

    /// Creates an error with a message.
    package init(description: String) { self.description = description }
}
