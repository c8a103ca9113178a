// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// The file of `--stats`, which is opened before the run, so that a bad path fails early.
struct StatsFile {
    private let name: String
    /// The descriptor; −1 for a named pipe.
    ///
    /// `write` opens a named pipe, because opening a pipe waits for its reader.
    private let descriptor: Int32
    private let isFile: Bool

    /// Opens a file, and creates it if it is missing; `-` is standard output.
    ///
    /// The contents of the file do not change until `write`.
    ///
    /// - Throws: `RunError.io` naming `--stats` if the file cannot be written.
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

    /// Writes `json`.
    ///
    /// A regular file that `--stats` names then holds only `json`; after an error, it is empty.
    ///
    /// For a pipe, the function waits for a reader until `givesUp` returns true.
    ///
    /// - Returns: The error; `nil` on success.
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
        // The file is emptied, because a reader might not notice that the summary is incomplete.
        if isFile { ftruncate(pipe, 0) }
        return Self.refusal(name, number)
    }

    private static func refusal(_ name: String, _ number: Int32) -> RunError {
        .io("cannot write --stats '\(name)': \(systemError(number))")
    }
}
