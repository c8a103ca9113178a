// SPDX-License-Identifier: MIT
// fetchpool

/// What to start as a worker.
package struct WorkerCommand: Hashable, Sendable {
    /// The program's file, with its path.
    package var executable: String
    /// The words after the program's name.
    package var arguments: [String]
    /// What becomes the program after it has set limits for it: a program and its words, which come before the others.
    ///
    /// Empty for workers that do so themselves. One that says in its `hello` that it does is started without from then on.
    package var launcher: [String]
    /// True while the launcher must stand before the program in any case.
    package var needsLauncher = false

    /// Describes a program and its words.
    package init(executable: String, arguments: [String] = [], launcher: [String] = []) {
        self.executable = executable
        self.arguments = arguments
        self.launcher = launcher
    }

    /// What users know it by.
    package var shownName: String { ([executable] + arguments).joined(separator: " ") }

    /// The words to start it with, the program first.
    func words(isSelfLimiting: Bool) -> [String] {
        (isSelfLimiting && !needsLauncher ? [] : launcher) + [executable] + arguments
    }
}
