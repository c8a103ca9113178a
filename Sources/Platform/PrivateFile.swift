// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A file that its owner alone may read, and that is written whole in place of what was there.
///
/// Bounds of the unsafe code here: names end with NUL, and what realpath(3) returns is copied and freed.
package struct PrivateFile {
    private let path: [CChar]

    /// Names a file.
    package init(_ name: String) {
        // A link stays, and the file that it leads to is exchanged.
        guard let real = unsafe realpath(name.systemPath, nil) else {
            path = name.systemPath
            return
        }
        defer { unsafe free(real) }
        path = unsafe Array(UnsafeBufferPointer(start: real, count: strlen(real) + 1))
    }

    /// The reason why the file cannot be written; `nil` if it seems that it can.
    package var refusal: String? {
        var status = stat()
        if unsafe stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR { return systemError(EISDIR) }
            if status.st_mode & S_IFMT != S_IFREG {
                return unsafe access(path, W_OK) == 0 ? nil : lastSystemError()
            }
        }
        return unsafe access(folder, W_OK | X_OK) == 0 ? nil : lastSystemError()
    }

    /// The folder of the file, with NUL behind.
    private var folder: [CChar] {
        let slash = CChar(bitPattern: UInt8(ascii: "/"))
        guard let last = path.lastIndex(of: slash) else { return [CChar(bitPattern: UInt8(ascii: ".")), 0] }
        return path[..<max(last, 1)] + [0]
    }

    /// Writes the file, with mode 0600: another one is made beside it and takes its name.
    ///
    /// A device or a pipe is written to as it is.
    /// - Returns: The reason why that failed; `nil` if it did not.
    package func write(_ bytes: [UInt8]) -> String? {
        var status = stat()
        if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG { return writeThrough(bytes) }
        let name = "/.fetchpool-" + String(UInt64.random(in: .min ... .max), radix: 16)
        let other = folder.dropLast() + name.utf8CString
        let file = unsafe open(Array(other), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return lastSystemError() }
        // The name must not stand for a part of the file after a power failure.
        guard writeAll(bytes.span, to: file), fsync(file) == 0 else {
            return giveUp(other, file)
        }
        close(file)
        guard unsafe rename(Array(other), path) == 0 else { return giveUp(other, -1) }
        return nil
    }

    private func giveUp(_ name: ArraySlice<CChar>, _ file: Int32) -> String {
        let reason = lastSystemError()
        if file >= 0 { close(file) }
        unsafe _ = unlink(Array(name))
        return reason
    }

    private func writeThrough(_ bytes: [UInt8]) -> String? {
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else { return lastSystemError() }
        defer { close(file) }
        return writeAll(bytes.span, to: file) ? nil : lastSystemError()
    }
}
