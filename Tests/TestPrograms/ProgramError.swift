// SPDX-License-Identifier: MIT
// fetchpool

/// An error of a program under test that did not do what the test waits for, or could not be started.
package struct ProgramError: Error, CustomStringConvertible {
    /// A message that says what failed.
    ///
    /// If a wait failed, the message also contains the program's standard error.
    package let description: String

    /// Creates an error with a message.
    package init(description: String) { self.description = description }
}
