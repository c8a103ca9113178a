// SPDX-License-Identifier: MIT
// fetchpool

/// A program and its arguments.
struct Command: Sendable {
    /// The path of the program, or a name to find in `PATH`.
    let program: String
    let arguments: [String]
    /// True to read standard output, note its times and count its lines; false to write it to a file.
    var isOutputTimed = false

    init(_ program: String, _ arguments: [String]) {
        (self.program, self.arguments) = (program, arguments)
    }
}
