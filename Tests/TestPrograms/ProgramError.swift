// SPDX-License-Identifier: MIT
// fetchpool

/// An error of a program under test that did not do what the test waits for.
package struct ProgramError: Error, CustomStringConvertible {
    /// A message that names the program, the expected event and the program's output meanwhile.
    package let description: String

    /// Creates an error with a message.
    package init(description: String) { self.description = description }
}
