// SPDX-License-Identifier: MIT
// fetchpool

/// A program and its arguments.
struct Command: Sendable {
    /// The path of the program, or a name to find in `PATH`.
    let program: String
    let arguments: [String]
    /// True if standard output is read to note its times and to count its lines; false if standard output
    /// goes to a file.
    var isOutputTimed = false

    init(_ program: String, _ arguments: [String]) {
        (self.program, self.arguments) = (program, arguments)
    }
}
