// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestThreads

/// A view of the file system for one program (mount_namespaces(7)): what is mounted in it, nobody else sees.
package enum MountNamespace {
    /// Why none can be made here; nil where one can.
    ///
    /// Use it in `.enabled(if:)`, so that the run says what was left out and why.
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

    /// Starts a program after `script` of the shell's has mounted what it is to see.
    ///
    /// - Throws: `ProgramError` if it cannot be started.
    package static func start(
        _ script: String,
        _ name: String,
        _ arguments: [String] = []
    ) throws -> RunningProgram {
        // Root may mount; others need a user namespace around.
        let user = geteuid() == 0 ? [] : ["--map-root-user"]
        let words = ["-c", "set -e; \(script); exec \"$0\" \"$@\"", BuiltPrograms.path(name)] + arguments
        return try RunningProgram("/usr/bin/unshare", ["--mount"] + user + ["/bin/sh"] + words)
    }
}
