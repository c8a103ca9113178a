// SPDX-License-Identifier: MIT
// fetchpool

package import Glibc

/// Functions for the paths of files and programs, and for the variables of the environment.
package enum SystemPath {
    /// Returns the absolute path of a file, with symbolic links resolved, from realpath(3); `nil` on failure,
    /// with the reason in `errno`.
    package static func resolved(_ name: String) -> String? {
        guard let path = unsafe realpath(name.systemPath, nil) else { return nil }
        defer { unsafe free(path) }
        return unsafe String(systemBytes: [UInt8](UnsafeRawBufferPointer(start: path, count: strlen(path))))
    }

    /// Returns true if two names lead to the same file, even if the file does not exist.
    ///
    /// Two names of files that do not exist lead to the same file if they have the same last part in the same
    /// folder. Symbolic links in the names of folders are followed.
    package static func areSame(_ one: String, _ other: String) -> Bool {
        if one == other { return true }
        switch (status(of: one), status(of: other)) {
        case (let one?, let other?): return one.isSame(as: other)
        case (nil, nil):
            let (one, other) = (parts(of: one), parts(of: other))
            guard one.last == other.last, let folder = status(of: one.folder) else { return false }
            return status(of: other.folder)?.isSame(as: folder) ?? false
        default: return false
        }
    }

    private static func parts(of name: String) -> (folder: String, last: Substring) {
        guard let slash = name.lastIndex(of: "/") else { return (".", name[...]) }
        return (slash == name.startIndex ? "/" : String(name[..<slash]), name[name.index(after: slash)...])
    }

    /// Returns the status of a file from stat(2), which follows symbolic links; `nil` on failure, with the
    /// reason in `errno`.
    package static func status(of name: String) -> stat? {
        var status = stat()
        return unsafe stat(name.systemPath, &status) == 0 ? status : nil
    }

    /// Returns the value of a variable of the environment; `nil` if the variable is not set.
    package static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(systemBytes: [UInt8](UnsafeRawBufferPointer(start: value, count: strlen(value))))
    }

    /// Returns the path of a program's file; `nil` if there is no such file that this process may execute.
    ///
    /// A name with a slash is the path. Any other name is searched for in the folders of `PATH`. Without
    /// `PATH`, the folders are `/usr/local/bin`, `/usr/bin` and `/bin`.
    package static func program(_ name: String) -> String? {
        if name.contains("/") { return isProgram(name) ? name : nil }
        let path = variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        let folders = path.split(separator: ":", omittingEmptySubsequences: false)
        return folders.lazy.map { ($0.isEmpty ? "." : String($0)) + "/" + name }.first(where: isProgram)
    }

    /// Returns a path that leads to the file at `path` even after a change of the current folder; symbolic
    /// links are not resolved.
    ///
    /// The result is `path` itself if it is absolute, or if the current folder has no path (getcwd(3)).
    package static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(folder) }
        let start = unsafe String(
            systemBytes: [UInt8](UnsafeRawBufferPointer(start: folder, count: strlen(folder)))
        )
        let rest = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return start.hasSuffix("/") ? start + rest : start + "/" + rest
    }

    private static func isProgram(_ path: String) -> Bool {
        guard status(of: path)?.isRegularFile == true else { return false }
        return unsafe access(path.systemPath, X_OK) == 0
    }
}
