// SPDX-License-Identifier: MIT
// fetchpool

/// An error of a program that a test needs, or of a resource that the test needs, such as a port or a pipe.
package struct ProgramError: Error, CustomStringConvertible {
    /// A message that says what failed.
    ///
    /// If a wait of a `RunningProgram` failed, the message also contains the end of standard
    /// error, as far as the test has not read it.
    package let description: String

    /// Creates an error with a message.
    package init(description: String) { self.description = description }
}
