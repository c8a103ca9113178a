// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire
import ProcessPool

/// Finds the programs that workers run.
struct WorkerPrograms: Sendable {
    /// The folder of the bundled programs.
    let folder: String

    /// The program that becomes workers that are not ours.
    var launcher: String { path(of: "fetchpool-process") }

    private func path(of name: String) -> String { folder + "/" + name }

    /// The bundled program called `name`, to be run as a worker.
    ///
    /// - Throws: `RunError.cannotStart` naming the file, if it is not there.
    func bundled(_ name: String, _ arguments: [String] = []) throws(RunError) -> WorkerCommand {
        let path = path(of: name)
        guard unsafe access(path, X_OK) == 0 else {
            throw .cannotStart(
                "the program '\(path)' is missing; build fetchpool whole, or keep its programs in one folder"
            )
        }
        return WorkerCommand(executable: path, arguments: arguments + ["--supervised"])
    }

    /// A command of the user's, its program looked up as a shell does, and run by way of our launcher: what a worker of ours
    /// does for itself at its start, others must have done for them between fork and exec.
    ///
    /// - Throws: `RunError.cannotStart` naming the program, if there is none that may be run.
    func command(
        _ words: [String],
        option: String,
        memoryBytes: Int? = nil
    ) throws(RunError) -> WorkerCommand {
        guard let name = words.first else { throw .cannotStart("\(option) names no program") }
        guard let path = Self.lookUp(name) else {
            throw .cannotStart("\(option): the program '\(name)' does not exist or may not be run")
        }
        let launcher = try bundled("fetchpool-process").executable
        var launch = [launcher, "--launch", "--parent", "\(getpid())"]
        if let memoryBytes { launch += ["--memory", "\(memoryBytes)"] }
        // Foundation hands on nothing but UTF-8; what is none is written so that the launcher can read it.
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

    private static func lookUp(_ name: String) -> String? {
        if name.contains("/") { return isProgram(name) ? name : nil }
        let path = SystemPath.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        let folders = path.split(separator: ":", omittingEmptySubsequences: false)
        return folders.lazy.map { ($0.isEmpty ? "." : String($0)) + "/" + name }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool {
        guard SystemPath.status(of: path)?.isRegularFile == true else { return false }
        return unsafe access(path.systemPath, X_OK) == 0
    }
}
