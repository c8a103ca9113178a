// SPDX-License-Identifier: MIT
// fetchpool

/// The source of a program's standard input.
package enum StandardInput: Sendable {
    /// A pipe from the test.
    case pipe
    /// A closed descriptor.
    case closed
    /// A file at a path.
    case file(String)
}

/// The destination of a program's standard output.
package enum StandardOutput: Sendable {
    /// A pipe to the test.
    case pipe
    /// A closed descriptor.
    case closed
    /// An existing file at a path; the program appends to it.
    case file(String)
}
