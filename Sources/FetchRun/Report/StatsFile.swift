// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// The file that `--stats` names: opened before the run, so that a wrong name ends it at once, and written after it.
struct StatsFile {
    private let name: String
    /// −1 for a pipe with a name: to open it waits for its reader.
    private let descriptor: Int32
    private let isFile: Bool

    /// Opens a file, `-` for standard output; what it holds stays until `write`.
    ///
    /// - Throws: `RunError.io` naming `--stats` if it cannot be written.
    init(_ name: String) throws(RunError) {
        self.name = name
        guard name != "-", SystemPath.status(of: name)?.isPipe != true else {
            (descriptor, isFile) = (name == "-" ? 1 : -1, false)
            return
        }
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY
        descriptor = unsafe open(name.systemPath, flags, 0o644)
        guard descriptor >= 0 else { throw Self.refusal(name, errno) }
        isFile = OpenFolder.status(of: descriptor)?.isRegularFile ?? false
    }

    /// Writes all in place of what was there, or leaves a file empty; returns what went wrong.
    ///
    /// A pipe is waited for as long as `givesUp` does not say that this has lasted too long.
    func write(_ json: [UInt8], orUntil givesUp: () -> Bool) -> RunError? {
        var pipe = descriptor
        while pipe < 0 {
            pipe = unsafe open(name.systemPath, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
            guard pipe < 0 else { break }
            guard errno == ENXIO || errno == EINTR else { return Self.refusal(name, errno) }
            if givesUp() { return .io("cannot write --stats '\(name)': nobody reads it") }
            _ = poll(nil, 0, 50)
        }
        if isFile { ftruncate(pipe, 0) }
        guard !writeAll(json.span, to: pipe, orUntil: givesUp) else { return nil }
        let number = errno
        if number == EAGAIN { return .io("cannot write --stats '\(name)': nobody reads it") }
        // A torn summary would be taken for a whole one.
        if isFile { ftruncate(pipe, 0) }
        return Self.refusal(name, number)
    }

    private static func refusal(_ name: String, _ number: Int32) -> RunError {
        .io("cannot write --stats '\(name)': \(systemError(number))")
    }
}
