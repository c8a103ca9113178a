// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

extension InputThread {
    /// An input file, which is open unless opening it would wait.
    struct Source: Sendable {
        let name: String
        private(set) var descriptor: Int32
        /// The path of a file that is not open yet, since opening it may wait; `nil` for an open one.
        private var pipe: String?

        /// Creates a source for an open descriptor.
        init(name: String, descriptor: Int32) {
            (self.name, self.descriptor) = (name, descriptor)
        }

        private init(pipe: String) {
            (name, descriptor, self.pipe) = (pipe, -1, pipe)
        }

        /// Opens an input; `-` is standard input.
        static func open(_ name: String) throws(RunError) -> Source {
            guard name != "-" else { return Source(name: "standard input", descriptor: 0) }
            if SystemPath.status(of: name)?.isPipe == true {
                guard unsafe access(name.systemPath, R_OK) == 0 else { throw refusal(name) }
                return Source(pipe: name)
            }
            // `O_NONBLOCK`, since opening the line of a modem waits for its carrier.
            let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
            let descriptor = unsafe Glibc.open(name.systemPath, flags)
            guard descriptor >= 0 else {
                // Another process holds a lease on the file (fcntl(2)), and the kernel asks that process
                // first to give the lease up.
                if errno == EAGAIN { return Source(pipe: name) }
                throw refusal(name)
            }
            // Only this process uses the open file, so read(2) may wait.
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
            if OpenFolder.status(of: descriptor)?.isFolder == true {
                Glibc.close(descriptor)
                throw .io("cannot read --input '\(name)': it is a folder")
            }
            return Source(name: name, descriptor: descriptor)
        }

        /// Opens a file whose opening may wait, on a thread that may wait; returns the error on failure.
        mutating func openLate() -> RunError? {
            guard let pipe else { return nil }
            repeat {
                descriptor = unsafe Glibc.open(pipe.systemPath, O_RDONLY | O_CLOEXEC | O_NOCTTY)
            } while descriptor < 0 && errno == EINTR
            self.pipe = nil
            return descriptor < 0 ? Self.refusal(name) : nil
        }

        /// Closes the descriptor; standard input stays open, since another file would get its number.
        func close() {
            if descriptor > 2 { Glibc.close(descriptor) }
        }

        private static func refusal(_ name: String) -> RunError {
            .io("cannot read --input '\(name)': \(lastSystemError())")
        }
    }
}
