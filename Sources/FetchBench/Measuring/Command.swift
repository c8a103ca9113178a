// SPDX-License-Identifier: MIT
// fetchpool

/// How a program is started.
struct Command: Sendable {
    /// The program's path, or a name to look for in `PATH`.
    let program: String
    let arguments: [String]
    /// Whether its output is only read for the time of its last byte; else it goes to a file.
    var isOutputTimed = false

    init(_ program: String, _ arguments: [String]) {
        (self.program, self.arguments) = (program, arguments)
    }
}
