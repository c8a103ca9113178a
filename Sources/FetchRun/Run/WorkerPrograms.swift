// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire
import ProcessPool

/// The programs that workers run.
struct WorkerPrograms: Sendable {
    /// The folder of the bundled programs.
    let folder: String

    /// The path of the launcher, the bundled program that can start the user's commands as workers.
    var launcher: String { path(of: "fetchpool-process") }

    private func path(of name: String) -> String { folder + "/" + name }

    /// Returns the command that runs the bundled program `name` as a worker.
    ///
    /// - Throws: `RunError.cannotStart` naming the file, if the file is missing or not executable.
    func bundled(_ name: String, _ arguments: [String] = []) throws(RunError) -> WorkerCommand {
        let path = path(of: name)
        guard unsafe access(path, X_OK) == 0 else {
            throw .cannotStart(
                "the program '\(path)' is missing or not executable; build all of fetchpool, or keep its programs in one folder"
            )
        }
        return WorkerCommand(executable: path, arguments: arguments + ["--supervised"])
    }

    /// Returns the command that runs a program of the user; like a shell, the function searches `PATH`.
    ///
    /// The launcher sets the limits that a bundled worker sets for itself, and then runs the user's program
    /// (exec(3)). See `WorkerCommand.launcher` for the workers that start without the launcher.
    ///
    /// - Throws: `RunError.cannotStart` if `words` is empty, the first word names no executable file, or the
    ///   launcher is missing or not executable.
    func command(
        _ words: [String],
        option: String,
        memoryBytes: Int? = nil
    ) throws(RunError) -> WorkerCommand {
        guard let name = words.first else { throw .cannotStart("\(option) names no program") }
        guard let path = SystemPath.program(name) else {
            throw .cannotStart(
                "\(option): the program '\(name)' does not exist, or this process has no permission to run it"
            )
        }
        let launcher = try bundled("fetchpool-process").executable
        var launch = [launcher, "--launch", "--parent", "\(getpid())"]
        if let memoryBytes { launch += ["--memory", "\(memoryBytes)"] }
        // Foundation passes only UTF-8 to a program. Other bytes are escaped, and the launcher restores them.
        let isEscaped =
            WorkerEnvironment.needsLauncher || path.hasSystemEscapes
            || words.contains { $0.hasSystemEscapes }
        if isEscaped { launch.append("--escaped") }
        var command = WorkerCommand(
            executable: path,
            arguments: Array(words.dropFirst()),
            launcher: launch + ["--"]
        )
        command.needsLauncher = isEscaped
        return command
    }
}
