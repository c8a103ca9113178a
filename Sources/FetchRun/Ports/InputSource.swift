// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import Platform
import PoolWire

extension InputThread {
    /// An input: an open descriptor, or the path of a file that is opened later because opening it may wait.
    struct Source: Sendable {
        let name: String
        /// The form of the table in the file; `nil` if the file is not a table.
        var table: TableReader.Form?
        /// The open descriptor; −1 if `openLate` has not opened the file.
        private(set) var descriptor: Int32
        /// The path of a file that `openLate` must open; `nil` if there is none.
        private var pipe: String?

        /// Creates a source for an open descriptor.
        init(name: String, descriptor: Int32) {
            (self.name, self.descriptor) = (name, descriptor)
        }

        private init(pipe: String) {
            (name, descriptor, self.pipe) = (pipe, -1, pipe)
        }

        /// Opens an input; `-` is standard input.
        ///
        /// A named pipe, or a file with a lease, is opened later by `openLate`. A name such as `/dev/stdin`
        /// can also stand for a socket.
        ///
        /// - Throws: `RunError.io` if the file is a folder or cannot be opened. The input `-` is not checked.
        static func open(_ name: String) throws(RunError) -> Source {
            guard name != "-" else { return Source(name: "standard input", descriptor: 0) }
            if SystemPath.status(of: name)?.isPipe == true {
                if unsafe access(name.systemPath, R_OK) == 0 { return Source(pipe: name) }
                return try copied(name)
            }
            // Without `O_NONBLOCK`, opening a serial port would wait for the modem's carrier.
            let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
            let descriptor = unsafe Glibc.open(name.systemPath, flags)
            guard descriptor >= 0 else {
                // Another process holds a lease on the file (fcntl(2)).
                if errno == EAGAIN { return Source(pipe: name) }
                return try copied(name)
            }
            // Without `O_NONBLOCK`, read(2) waits for data. No other process shares this open file, so no
            // other process sees the change.
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
            if OpenFolder.status(of: descriptor)?.isFolder == true {
                Glibc.close(descriptor)
                throw .io("cannot read --input '\(name)': it is a folder")
            }
            return Source(name: name, descriptor: descriptor)
        }

        /// Returns a source for a copy of the descriptor that a `name` such as `/dev/stdin` stands for.
        private static func copied(_ name: String) throws(RunError) -> Source {
            guard let descriptor = NamedDescriptor.copy(insteadOf: name, O_RDONLY) else {
                throw refusal(name)
            }
            return Source(name: name, descriptor: descriptor)
        }

        /// Opens the file that `open` has left for later, and waits until the system opens it.
        ///
        /// - Returns: The error; `nil` on success, or if no file was left for later.
        mutating func openLate() -> RunError? {
            guard let pipe else { return nil }
            repeat {
                descriptor = unsafe Glibc.open(pipe.systemPath, O_RDONLY | O_CLOEXEC | O_NOCTTY)
            } while descriptor < 0 && errno == EINTR
            self.pipe = nil
            return descriptor < 0 ? Self.refusal(name) : nil
        }

        /// Closes the descriptor; descriptors 0 to 2 stay open, because the next opened file would get their
        /// numbers.
        func close() {
            if descriptor > 2 { Glibc.close(descriptor) }
        }

        private static func refusal(_ name: String) -> RunError {
            .io("cannot read --input '\(name)': \(lastSystemError())")
        }
    }
}
