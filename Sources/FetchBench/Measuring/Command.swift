// SPDX-License-Identifier: MIT
// fetchpool

/// A program and its arguments.
struct Command: Sendable {
    /// The path of the program, or a name to find in `PATH`.
    let program: String
    let arguments: [String]
    /// True to read standard output, note when each piece arrives, and count the lines.
    ///
    /// If false, standard output goes to a file.
    var isOutputTimed = false

    init(_ program: String, _ arguments: [String]) {
        (self.program, self.arguments) = (program, arguments)
    }
}
