// SPDX-License-Identifier: MIT
// fetchpool

/// What to start as a worker.
package struct WorkerCommand: Hashable, Sendable {
    /// The program's file, with its path.
    package var executable: String
    /// The words after the program's name.
    package var arguments: [String]
    /// What users know it by.
    package var shownName: String

    /// Describes a program and its words; users know it by those, unless by `shownName`.
    package init(executable: String, arguments: [String] = [], shownName: String? = nil) {
        self.executable = executable
        self.arguments = arguments
        self.shownName = shownName ?? ([executable] + arguments).joined(separator: " ")
    }
}
