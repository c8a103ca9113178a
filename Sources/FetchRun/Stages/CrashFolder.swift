// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import Platform
import PoolWire
import Spool

/// The folder of `--crash-dir`, for the bodies of responses whose processing worker died or was ended.
///
/// Next to a body is a file with the lines that a worker must read to process the body again. The files have
/// mode 0600, and their names contain no id and no URL.
package struct CrashFolder {
    /// The absolute path of the folder.
    let path: String
    private let folder: OpenFolder

    /// Opens the folder, and creates it if it is missing.
    ///
    /// - Throws: `RunError.io` naming `--crash-dir` if the folder cannot be used.
    init(_ name: String) throws(RunError) {
        let wasMade = unsafe mkdir(name.systemPath, 0o700) == 0
        if !wasMade, errno != EEXIST { throw Self.refusal(name) }
        guard let path = SystemPath.resolved(name) else { throw Self.refusal(name) }
        guard SystemPath.status(of: path)?.isFolder == true else {
            throw .io("--crash-dir: '\(name)' is not a folder")
        }
        guard unsafe access(path.systemPath, W_OK | X_OK) == 0, let folder = OpenFolder(path: path) else {
            throw Self.refusal(name)
        }
        (self.path, self.folder) = (path, folder)
    }

    /// Returns a notice for the user if other users, except root, can replace files in a folder; otherwise
    /// `nil`.
    ///
    /// The rules are those for spools (`SpoolPlace.fault`). A missing folder gives no notice.
    package static func notice(about name: String) -> String? {
        guard let status = SystemPath.status(of: name), let fault = SpoolPlace.fault(of: status) else {
            return nil
        }
        return "--crash-dir: other users may replace the files in '\(name)', since \(fault)"
    }

    private static func refusal(_ path: String) -> RunError {
        .io("--crash-dir: cannot write in '\(path)': \(lastSystemError())")
    }

    /// Writes a body to a new file.
    ///
    /// `line` is the number of the task (`RunTask.ordinal`).
    ///
    /// - Returns: The path of the file. If the body cannot be written completely, or if there are already
    ///   1,000 files for this `line` and `attempt`, the result is `nil`. Then `errno` has the reason, and no
    ///   new file is left.
    func keep(_ body: [UInt8], line: Int, attempt: Int) -> String? {
        // An additional number in the name protects a body that an earlier run has kept.
        for copy in 0..<1_000 {
            let name = "\(line)-\(attempt)" + (copy == 0 ? "" : ".\(copy)") + ".body"
            if write(body, toNew: name) { return path + "/" + name }
            guard errno == EEXIST else { return nil }
        }
        return nil
    }

    /// Writes the lines that a worker must read to process a kept body again.
    ///
    /// The file for the body `1-2.body` is `1-2.task`.
    ///
    /// - Returns: True if the file was written.
    func keep(_ lines: [UInt8], beside body: String) -> Bool {
        guard body.hasPrefix(path + "/"), body.hasSuffix(".body") else { return false }
        let name = String(body.dropFirst(path.count + 1).dropLast(".body".count))
        // An older file of this name belongs to a body that no longer exists.
        folder.remove(name + ".task")
        return write(lines, toNew: name + ".task")
    }

    /// Writes a new file.
    ///
    /// - Returns: True if the file was written. Otherwise `errno` has the reason, and no new file is left.
    private func write(_ bytes: [UInt8], toNew name: String) -> Bool {
        let file = folder.open(name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        if writeAll(bytes.span, to: file) { return true }
        let reason = errno
        folder.remove(name)
        errno = reason
        return false
    }
}
