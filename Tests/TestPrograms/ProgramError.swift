// SPDX-License-Identifier: MIT
// fetchpool

/// What a program under test did not do.
package struct ProgramError: Error, CustomStringConvertible {
    /// What was waited for, of whom, and what it said meanwhile.
    package let description: String

    /// Creates an error with a sentence.
    package init(description: String) { self.description = description }
}
