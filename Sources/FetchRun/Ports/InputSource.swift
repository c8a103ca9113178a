// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

extension InputThread {
    /// An input, opened where that does not have to be waited for.
    struct Source: Sendable {
        let name: String
        private(set) var descriptor: Int32
        /// What is still to be opened: a pipe, which waits for its writer.
        private var pipe: String?

        /// A descriptor that is open.
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
            // A line of a modem waits for a carrier.
            let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
            let descriptor = unsafe Glibc.open(name.systemPath, flags)
            guard descriptor >= 0 else {
                // Somebody holds a lease on it (fcntl(2)), and is asked to give that up first.
                if errno == EAGAIN { return Source(pipe: name) }
                throw refusal(name)
            }
            // Nobody else has this one, so that it may wait in read(2).
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
            if OpenFolder.status(of: descriptor)?.isFolder == true {
                Glibc.close(descriptor)
                throw .io("cannot read --input '\(name)': it is a folder")
            }
            return Source(name: name, descriptor: descriptor)
        }

        /// Opens what has to be waited for, on a thread that may wait; returns what went wrong.
        mutating func openLate() -> RunError? {
            guard let pipe else { return nil }
            repeat {
                descriptor = unsafe Glibc.open(pipe.systemPath, O_RDONLY | O_CLOEXEC | O_NOCTTY)
            } while descriptor < 0 && errno == EINTR
            self.pipe = nil
            return descriptor < 0 ? Self.refusal(name) : nil
        }

        /// Lets go of it at its end; standard input stays open, since its number would be taken by another file.
        func close() {
            if descriptor > 2 { Glibc.close(descriptor) }
        }

        private static func refusal(_ name: String) -> RunError {
            .io("cannot read --input '\(name)': \(lastSystemError())")
        }
    }
}
