// SPDX-License-Identifier: MIT
// fetchpool

/// What to start as a worker.
package struct WorkerCommand: Hashable, Sendable {
    /// The program's file, with its path.
    package var executable: String
    /// The words after the program's name.
    package var arguments: [String]

    /// Describes a program and its words.
    package init(executable: String, arguments: [String] = []) {
        self.executable = executable
        self.arguments = arguments
    }
}
