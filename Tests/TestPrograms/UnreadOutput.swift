// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc

/// A pipe with a name for a program's output, which is read only when the test says so.
package final class UnreadOutput {
    /// Where it lies.
    package let path: String
    private let descriptor: Int32
    private var bytes: [UInt8] = []

    /// Makes the pipe.
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

    /// Writes as much as fits, so that whoever writes to it next waits.
    package func fill() throws {
        let writer = unsafe open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard writer >= 0 else {
            throw ProgramError(description: "\(path) cannot be filled (errno \(errno))")
        }
        defer { close(writer) }
        // A page is written whole or not at all, so the rest is filled by single bytes.
        for count in [4_096, 1] {
            let piece = [UInt8](repeating: 0x0A, count: count)
            while unsafe write(writer, piece, count) > 0 {}
        }
    }

    /// Waits until something can be read.
    package func waitForBytes() throws {
        var end = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&end, 1, 60_000) > 0 else { throw ProgramError(description: "nothing was written") }
    }

    /// Reads as far as the next line's end, or the end of all; `nil` there.
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

    /// Reads the rest; the lines that are no beats.
    package func linesButBeats() throws -> [String] {
        var lines: [String] = []
        while let line = try line() {
            if !line.hasPrefix(#"{"t":"beat""#) { lines.append(line) }
        }
        return lines
    }
}
