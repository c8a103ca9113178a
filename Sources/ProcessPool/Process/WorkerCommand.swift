// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform
import PoolWire

/// The command that starts a worker.
package struct WorkerCommand: Hashable, Sendable {
    /// The path of the program's file; the program's name if no such file was found.
    package var executable: String
    /// The arguments after the program's name.
    package var arguments: [String]
    /// The launcher and its arguments; the launcher sets limits, and then replaces itself with the worker's
    /// program (exec(3)).
    ///
    /// The array is empty if no launcher is used. A worker's `hello` may show that the worker sets its limits
    /// itself. Later workers of the command are then started without the launcher, unless `needsLauncher` is
    /// true.
    package var launcher: [String]
    /// True if the launcher must be used even for workers that set their limits themselves.
    ///
    /// Only the launcher can pass on arguments and variables that are not UTF-8.
    package var needsLauncher = false
    /// The environment and the priority of the worker's process, and whether the worker ends with this
    /// process.
    package var surroundings = WorkerSurroundings()

    /// The label of the machine on which the command runs workers; `nil` if there is no label.
    package var host: String?
    /// The version of `fetchpool` that the worker must run; `nil` if the worker may run any program.
    package var coordinatorVersion: String?

    /// Creates a command.
    package init(executable: String, arguments: [String] = [], launcher: [String] = []) {
        self.executable = executable
        self.arguments = arguments
        self.launcher = launcher
    }

    /// The name of the command in messages to users: the label of its machine, or else the program and its
    /// arguments, without the launcher.
    package var shownName: String { host ?? ([executable] + arguments).joined(separator: " ") }

    /// Returns the words of the command line: the launcher if it is needed, the program, and its arguments.
    ///
    /// `isSelfLimiting` is true if a worker's `hello` has shown that the command's workers set their limits
    /// themselves.
    func words(isSelfLimiting: Bool) -> [String] {
        (isSelfLimiting && !needsLauncher ? [] : launcher) + [executable] + arguments
    }
}

/// The environment of workers: the environment of this process at one moment, and settings for crash reports
/// if they are missing there.
package struct WorkerEnvironment: Hashable, Sendable {
    /// The variables for most workers.
    ///
    /// Unless `SWIFT_BACKTRACE` is set already, the crash handler of the Swift runtime is off. At each
    /// crash, the handler would take 13 ms, and its output would replace other lines in `StderrTail`.
    let usual: [String: String]

    /// The variables for a worker that is started to retry a task.
    ///
    /// Unless `SWIFT_BACKTRACE` is set already, the runtime of a Swift worker prints where a crash happened.
    let forRetry: [String: String]

    /// The environment of workers, created from the environment of this process at the first access.
    static let first = WorkerEnvironment()

    /// True if some variable is not UTF-8; Foundation cannot pass it on unchanged, but the launcher can.
    package static let needsLauncher = first.usual.contains {
        $0.key.hasSystemEscapes || $0.value.hasSystemEscapes
    }

    /// Creates the environment of workers from the present environment of this process.
    init() {
        var variables = Self.variables()
        // With this variable, Python prints the file and the line of a crash, even of a crash in C code.
        if variables["PYTHONFAULTHANDLER"] == nil { variables["PYTHONFAULTHANDLER"] = "1" }
        guard variables["SWIFT_BACKTRACE"] == nil else {
            (usual, forRetry) = (variables, variables)
            return
        }
        variables["SWIFT_BACKTRACE"] = "enable=no"
        usual = variables
        variables["SWIFT_BACKTRACE"] =
            "enable=yes,color=no,threads=crashed,registers=none,images=none,limit=16,sanitize=yes,symbolicate=fast"
        forRetry = variables
    }

    private static func variables() -> [String: String] {
        var variables: [String: String] = [:]
        var place: Int32 = 0
        while let variable = unsafe clinux_variable(place) {
            place += 1
            let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: variable, count: strlen(variable)))
            guard let sign = bytes.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(systemBytes: Array(bytes[..<sign]))
            // If two variables have the same name, getenv(3) returns the first.
            if variables[name] == nil { variables[name] = String(systemBytes: Array(bytes[(sign + 1)...])) }
        }
        return variables
    }
}
