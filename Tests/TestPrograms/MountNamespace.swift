// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestThreads

/// A view of the file system for one program and its child processes (mount_namespaces(7)).
///
/// Other programs do not see what is mounted in the view.
package enum MountNamespace {
    /// The reason why this system cannot mount a file system in a new namespace; `nil` if a mount succeeds.
    ///
    /// Use this property in `.enabled(if:)`, so that the test report shows which tests were skipped and why.
    package static let refusal: String? = {
        do {
            let folder = FileManager.default.temporaryDirectory.path + "/mount-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let finished = try OwnThread.forCondition {
                try start("mount -t tmpfs none '\(folder)'", "/bin/true").finish()
            }
            return finished.end == .status(0) ? nil : "nothing can be mounted here: \(finished.errors)"
        } catch {
            return "nothing can be mounted here: \(error)"
        }
    }()

    /// Starts a program after the shell script `script` has mounted file systems for the program.
    ///
    /// The returned program ends with a status other than 0 if the namespace, the script or the start of the
    /// program fails.
    ///
    /// - Throws: `ProgramError` if unshare(1) cannot be started.
    package static func start(
        _ script: String,
        _ name: String,
        _ arguments: [String] = []
    ) throws -> RunningProgram {
        // Root may mount file systems; any other user may do so only in a user namespace.
        let user = geteuid() == 0 ? [] : ["--map-root-user"]
        let words = ["-c", "set -e; \(script); exec \"$0\" \"$@\"", BuiltPrograms.path(name)] + arguments
        return try RunningProgram("/usr/bin/unshare", ["--mount"] + user + ["/bin/sh"] + words)
    }
}
