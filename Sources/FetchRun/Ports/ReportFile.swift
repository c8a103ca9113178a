// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// A file for statistics, which is checked before the run, so that a bad path fails early.
///
/// A regular file is replaced by a new file, so a reader sees either the old contents or the new ones. If the
/// system refuses the replacement, the old file is written in place (`WholeFile.openInPlace`). A target in
/// whose folder no file can be made is written once, at the end of the run. A pipe, a device, and an open
/// descriptor such as `/dev/fd/3` are also written only once. So is the file to which standard output or
/// standard error is redirected.
struct ReportFile: Sendable {
    private enum Target: Sendable {
        /// A regular file, by its path without symbolic links.
        case file(String)
        /// An open file, pipe or device; if `isEmptied` is true, `write` removes the old contents first.
        case descriptor(Int32, isEmptied: Bool)
        /// A named pipe; `write` waits until the pipe has a reader.
        case pipe
    }

    private let option: String
    private let name: String
    private let target: Target

    /// Checks the file that `option` names, and creates it if it is missing; `-` is standard output.
    ///
    /// The contents of an existing file do not change until `write`.
    ///
    /// - Throws: `RunError.io` naming the option if the file cannot be written.
    init(_ name: String, option: String) throws(RunError) {
        (self.name, self.option) = (name, option)
        guard let target = Self.target(name) else { throw Self.refusal(option, name, errno) }
        self.target = target
    }

    /// True if `write` may be called several times.
    var mayBeRewritten: Bool {
        if case .file = target { true } else { false }
    }

    /// Writes `bytes` in place of the old contents of a regular file.
    ///
    /// An open descriptor such as `/dev/fd/3`, and the file to which standard output or standard error is
    /// redirected, keep what was written before.
    ///
    /// The function waits until a named pipe has a reader, and while the reader of a pipe takes no bytes.
    /// Both waits end soon after `givesUp` returns true.
    ///
    /// - Returns: The error; `nil` on success.
    func write(_ bytes: [UInt8], orUntil givesUp: () -> Bool) -> RunError? {
        switch target {
        case .file(let path):
            return replace(path, by: bytes) ? nil : refusal(errno)
        case .descriptor(let descriptor, let isEmptied):
            return write(bytes, to: descriptor, isEmptied: isEmptied, orUntil: givesUp)
        case .pipe:
            while true {
                let pipe = unsafe open(name.systemPath, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
                guard pipe < 0 else {
                    defer { close(pipe) }
                    return write(bytes, to: pipe, isEmptied: false, orUntil: givesUp)
                }
                guard errno == ENXIO || errno == EINTR else { return refusal(errno) }
                if givesUp() { return unread }
                _ = poll(nil, 0, 50)
            }
        }
    }

    private func write(
        _ bytes: [UInt8],
        to descriptor: Int32,
        isEmptied: Bool,
        orUntil givesUp: () -> Bool
    ) -> RunError? {
        if isEmptied { ftruncate(descriptor, 0) }
        guard !writeAll(bytes.span, to: descriptor, orUntilUnread: givesUp) else { return nil }
        let number = errno
        if number == EAGAIN { return unread }
        // The file is emptied, because a reader might not notice that the contents are incomplete.
        if isEmptied { ftruncate(descriptor, 0) }
        return refusal(number)
    }

    /// Replaces a file by a new one with the same permissions, or writes the old file in place if the system
    /// refuses the replacement.
    ///
    /// - Returns: True on success; false on failure, with the reason in `errno`. After a failure, the old
    ///   file stays, unless the writing in place had begun. A failed write(2) in place leaves an empty file.
    private func replace(_ path: String, by bytes: [UInt8]) -> Bool {
        let other = Self.temporary(beside: path)
        let mode = SystemPath.status(of: path)?.permissions
        let file = unsafe open(
            other.systemPath,
            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
            0o644
        )
        guard file >= 0 else { return false }
        if let mode { fchmod(file, mode) }
        var isWritten = writeAll(bytes.span, to: file)
        var number = errno
        // Some file systems, such as NFS, report a full disk only when the file is closed.
        if close(file) != 0, isWritten { (isWritten, number) = (false, errno) }
        if isWritten, unsafe rename(other.systemPath, path.systemPath) == 0 { return true }
        if isWritten { number = errno }
        unsafe _ = unlink(other.systemPath)
        if isWritten { return rewrite(path, by: bytes, afterRefusal: number) }
        errno = number
        return false
    }

    /// Writes a file in place, after the system has refused to replace it.
    ///
    /// - Returns: True on success; false on failure, with the reason in `errno`.
    private func rewrite(_ path: String, by bytes: [UInt8], afterRefusal number: Int32) -> Bool {
        let file = WholeFile.openInPlace(path.systemPath, afterRefusal: number)
        guard file >= 0 else { return false }
        var isWritten = ftruncate(file, 0) == 0 && writeAll(bytes.span, to: file)
        var number = errno
        // A reader might not notice that the contents are incomplete.
        if !isWritten { ftruncate(file, 0) }
        if close(file) != 0, isWritten {
            (isWritten, number) = (false, errno)
            unsafe _ = truncate(path.systemPath, 0)
        }
        errno = number
        return isWritten
    }

    // MARK: Finding the target

    /// Returns the target of a name; `nil` if the target cannot be written, with the reason in `errno`.
    private static func target(_ name: String) -> Target? {
        let named = name == "-" ? STDOUT_FILENO : NamedDescriptor.number(of: name)
        if let number = named ?? standardDescriptor(of: name) {
            // The copy shares its position in the file with the original descriptor, so the statistics do not
            // overwrite records or messages in the file.
            let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else { return nil }
            guard fcntl(copy, F_GETFL) & O_ACCMODE != O_RDONLY else {
                close(copy)
                errno = EBADF
                return nil
            }
            return .descriptor(copy, isEmptied: false)
        }
        if SystemPath.status(of: name)?.isPipe == true { return .pipe }
        let descriptor = unsafe open(name.systemPath, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o644)
        guard descriptor >= 0 else { return nil }
        let isFile = OpenFolder.status(of: descriptor)?.isRegularFile ?? false
        guard isFile, let path = SystemPath.resolved(name), mayReplace(path, descriptor) else {
            return .descriptor(descriptor, isEmptied: isFile)
        }
        close(descriptor)
        return .file(path)
    }

    /// Returns the number of standard output or standard error if a name leads to the regular file to which
    /// that descriptor is redirected; otherwise `nil`.
    private static func standardDescriptor(of name: String) -> Int32? {
        guard let named = SystemPath.status(of: name), named.isRegularFile else { return nil }
        return [STDOUT_FILENO, STDERR_FILENO].first {
            OpenFolder.status(of: $0)?.isSame(as: named) ?? false
        }
    }

    /// Returns true if `path` leads to the open file `descriptor`, and a new file can be made beside `path`.
    private static func mayReplace(_ path: String, _ descriptor: Int32) -> Bool {
        // A path through /proc can lead to another file than the file that `descriptor` has open.
        guard let named = SystemPath.status(of: path), let opened = OpenFolder.status(of: descriptor),
            named.isSame(as: opened)
        else { return false }
        let other = temporary(beside: path)
        let file = unsafe open(other.systemPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return false }
        close(file)
        unsafe _ = unlink(other.systemPath)
        return true
    }

    /// Returns a name for a new file in the folder of `path`; a collector that reads `*.prom` does not read
    /// the new file.
    private static func temporary(beside path: String) -> String {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        return folder + ".fetchpool-" + String(UInt64.random(in: .min ... .max), radix: 16)
    }

    // MARK: Errors

    private var unread: RunError { .io("cannot write \(option) '\(name)': nobody reads it") }

    private func refusal(_ number: Int32) -> RunError { Self.refusal(option, name, number) }

    private static func refusal(_ option: String, _ name: String, _ number: Int32) -> RunError {
        .io("cannot write \(option) '\(name)': \(systemError(number))")
    }
}
