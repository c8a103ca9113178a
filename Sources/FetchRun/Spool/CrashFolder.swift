// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import Platform
import PoolWire

/// The folder where bodies are kept that a worker died of, and beside each the lines that hand it to a worker again: files of mode
/// 0600, named by line number and attempt, never by id or URL.
struct CrashFolder {
    /// Its path, absolute.
    let path: String
    private let folder: OpenFolder

    /// Makes the folder where it is missing.
    ///
    /// - Throws: `RunError.io` naming `--crash-dir` if nothing can be written there.
    init(_ name: String) throws(RunError) {
        let wasMade = unsafe mkdir(name.systemPath, 0o700) == 0
        if !wasMade, errno != EEXIST { throw Self.refusal(name) }
        guard let path = SystemPath.resolved(name) else { throw Self.refusal(name) }
        guard SystemPath.status(of: path)?.isFolder == true else {
            throw .io("--crash-dir: '\(name)' is no folder")
        }
        guard unsafe access(path.systemPath, W_OK | X_OK) == 0, let folder = OpenFolder(path: path) else {
            throw Self.refusal(name)
        }
        (self.path, self.folder) = (path, folder)
    }

    private static func refusal(_ path: String) -> RunError {
        .io("--crash-dir: cannot write in '\(path)': \(lastSystemError())")
    }

    /// Keeps a body.
    ///
    /// - Returns: The file's path; `nil` if it could not be written whole (`errno` says why), and then no file is there.
    func keep(_ body: [UInt8], line: Int, attempt: Int) -> String? {
        // A body that an earlier run kept is not written over.
        for copy in 0..<1_000 {
            let name = "\(line)-\(attempt)" + (copy == 0 ? "" : ".\(copy)") + ".body"
            if write(body, toNew: name) { return path + "/" + name }
            guard errno == EEXIST else { return nil }
        }
        return nil
    }

    /// Keeps, beside a body that was kept, what a worker would have to read to process it: `1-2.task` beside `1-2.body`.
    ///
    /// - Returns: Whether the file was written.
    func keep(_ lines: [UInt8], beside body: String) -> Bool {
        guard body.hasPrefix(path + "/"), body.hasSuffix(".body") else { return false }
        let name = String(body.dropFirst(path.count + 1).dropLast(".body".count))
        // What an earlier run left there belongs to a body that is gone.
        folder.remove(name + ".task")
        return write(lines, toNew: name + ".task")
    }

    /// Writes a new file; if it cannot be written whole (`errno` says why), no file is left of it.
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
