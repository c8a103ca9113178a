// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import ProcessPool

/// Finds the programs that workers run.
struct WorkerPrograms: Sendable {
    /// The folder of the bundled programs.
    let folder: String

    /// The bundled program called `name`, to be run as a worker.
    ///
    /// - Throws: `RunError.cannotStart` naming the file, if it is not there.
    func bundled(_ name: String, _ arguments: [String] = []) throws(RunError) -> WorkerCommand {
        let path = folder + "/" + name
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
        return WorkerCommand(executable: path, arguments: Array(words.dropFirst()), launcher: launch + ["--"])
    }

    private static func lookUp(_ name: String) -> String? {
        if name.contains("/") { return isProgram(name) ? name : nil }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let folders = path.split(separator: ":", omittingEmptySubsequences: false)
        return folders.lazy.map { ($0.isEmpty ? "." : String($0)) + "/" + name }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return unsafe access(path, X_OK) == 0
    }
}
