// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc

/// A named pipe for a program's output, which is read only by calls of `line` and `linesButBeats`.
package final class UnreadOutput {
    /// The path of the pipe.
    package let path: String
    private let descriptor: Int32
    private var bytes: [UInt8] = []

    /// Creates the pipe.
    ///
    /// - Throws: `ProgramError` if the pipe cannot be created.
    package init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("output-\(UUID())").path
        guard unsafe mkfifo(path, 0o600) == 0 else {
            throw ProgramError(description: "no pipe could be made at \(path) (errno \(errno))")
        }
        descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    }

    deinit {
        close(descriptor)
        unsafe unlink(path)
    }

    /// Fills the pipe, so that the next write blocks.
    ///
    /// - Throws: `ProgramError` if the pipe cannot be opened.
    package func fill() throws {
        let writer = unsafe open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard writer >= 0 else {
            throw ProgramError(description: "\(path) cannot be filled (errno \(errno))")
        }
        defer { close(writer) }
        // The kernel writes a page completely or not at all, so single bytes fill the rest.
        for count in [4_096, 1] {
            let piece = [UInt8](repeating: 0x0A, count: count)
            while unsafe write(writer, piece, count) > 0 {}
        }
    }

    /// Waits until bytes can be read, or until all writers have closed the pipe.
    ///
    /// - Throws: `ProgramError` after a minute.
    package func waitForBytes() throws {
        var end = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&end, 1, 60_000) > 0 else { throw ProgramError(description: "nothing was written") }
    }

    /// Returns the next line without its line feed; `nil` at the end of the output, even after an incomplete
    /// line.
    ///
    /// - Throws: `ProgramError` if nothing comes for a minute.
    package func line() throws -> String? {
        while true {
            if let end = bytes.firstIndex(of: 0x0A) {
                defer { bytes.removeFirst(end + 1) }
                return String(decoding: bytes[..<end], as: UTF8.self)
            }
            try waitForBytes()
            var piece = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe read(descriptor, &piece, piece.count)
            guard count > 0 else { return nil }
            bytes += piece[..<count]
        }
    }

    /// Reads to the end, and returns the lines that are not `beat` messages of the worker protocol.
    ///
    /// - Throws: `ProgramError` if nothing comes for a minute.
    package func linesButBeats() throws -> [String] {
        var lines: [String] = []
        while let line = try line() {
            if !line.hasPrefix(#"{"t":"beat""#) { lines.append(line) }
        }
        return lines
    }
}
