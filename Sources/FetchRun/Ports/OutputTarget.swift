// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

extension OutputThread {
    /// The file, pipe or device that records are written to.
    struct Target: Sendable {
        let name: String
        /// The descriptor; −1 for a named pipe that is not open.
        private(set) var descriptor: Int32
        let isFile: Bool
        /// The path of a named pipe that is not open yet; `nil` for any other target.
        private var pipe: String?

        /// Creates a target for an open descriptor.
        init(name: String, descriptor: Int32, isFile: Bool) {
            (self.name, self.descriptor, self.isFile) = (name, descriptor, isFile)
        }

        private init(pipe: String) {
            (name, descriptor, isFile, self.pipe) = (pipe, -1, false, pipe)
        }

        /// Standard output, which may be a regular file.
        static let standardOutput = Target(
            name: "standard output",
            descriptor: 1,
            isFile: OpenFolder.status(of: 1)?.isRegularFile ?? false
        )

        /// Opens a file for appending, and creates it if it is missing; `-` is standard output.
        ///
        /// The function adds a line feed if the last line of the file has none. Otherwise the first record
        /// would continue that line. A named pipe is opened later, by `openPipe`.
        ///
        /// The file is opened only for writing. A process that opens a pipe for reading too is itself a
        /// reader of the pipe. Such a process never learns that all other readers have left.
        ///
        /// - Throws: `RunError.io` if the file cannot be written.
        static func open(_ name: String) throws(RunError) -> Target {
            if name == "-" { return .standardOutput }
            // Opening a pipe waits for its reader. The output thread opens the pipe, so that a signal can
            // still end the run.
            if SystemPath.status(of: name)?.isPipe == true { return Target(pipe: name) }
            let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY
            let descriptor = unsafe Glibc.open(name.systemPath, flags, 0o644)
            guard descriptor >= 0, let status = OpenFolder.status(of: descriptor) else {
                throw refusal(name)
            }
            if status.isRegularFile, endsInTornLine(name, status) {
                var lineEnd: UInt8 = 0x0A
                guard unsafe Glibc.write(descriptor, &lineEnd, 1) == 1 else { throw refusal(name) }
            }
            return Target(name: name, descriptor: descriptor, isFile: status.isRegularFile)
        }

        /// Opens a named pipe, and waits for its reader; does nothing for any other target.
        ///
        /// - Returns: The error; `nil` on success.
        mutating func openPipe() -> RunError? {
            guard let pipe else { return nil }
            repeat {
                descriptor = unsafe Glibc.open(pipe.systemPath, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY)
            } while descriptor < 0 && errno == EINTR
            self.pipe = nil
            return descriptor < 0 ? Self.refusal(name) : nil
        }

        private static func refusal(_ name: String) -> RunError {
            .io("cannot write --output '\(name)': \(lastSystemError())")
        }

        /// Returns true if the last line of the file has no line feed; false if the file is empty or cannot
        /// be read.
        private static func endsInTornLine(_ name: String, _ appended: stat) -> Bool {
            guard appended.st_size > 0 else { return false }
            let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
            let reader = unsafe Glibc.open(name.systemPath, flags)
            guard reader >= 0 else { return false }
            defer { Glibc.close(reader) }
            guard let status = OpenFolder.status(of: reader), status.isSame(as: appended) else {
                return false
            }
            var last: UInt8 = 0x0A
            return unsafe pread(reader, &last, 1, status.st_size - 1) == 1 && last != 0x0A
        }
    }
}
