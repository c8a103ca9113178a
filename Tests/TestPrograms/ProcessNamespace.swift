// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestThreads

/// A PID namespace in which one program is process 1, as in a container (pid_namespaces(7)).
package enum ProcessNamespace {
    /// The reason why this system cannot create a namespace; `nil` if a namespace can be created.
    ///
    /// Use this property in `.enabled(if:)`, so that the test report shows which tests were skipped and why.
    package static let refusal: String? = {
        do {
            let finished = try OwnThread.forCondition { try start("/bin/true").finish() }
            return finished.end == .status(0) ? nil : "no PID namespace can be made here: \(finished.errors)"
        } catch {
            return "no PID namespace can be made here: \(error)"
        }
    }()

    /// The command that runs a program as process 1 of a new namespace.
    ///
    /// The caller appends the path and the arguments of the program. The command ends with the exit status of
    /// the program. If the command is killed, all processes of the namespace are killed too.
    package static var command: [String] {
        // Root may create a PID namespace; any other user may do so only in a user namespace.
        let user = geteuid() == 0 ? [] : ["--map-root-user"]
        return ["/usr/bin/unshare", "--pid", "--fork", "--mount-proc", "--kill-child"] + user + ["--"]
    }

    /// Starts a program as process 1 of a new namespace.
    ///
    /// If the namespace or the program fails to start, the returned program ends with a status other than 0.
    ///
    /// - Throws: `ProgramError` if unshare(1) cannot be started.
    package static func start(_ name: String, _ arguments: [String] = []) throws -> RunningProgram {
        let words = command + [BuiltPrograms.path(name)] + arguments
        return try RunningProgram(words[0], Array(words.dropFirst()))
    }
}
