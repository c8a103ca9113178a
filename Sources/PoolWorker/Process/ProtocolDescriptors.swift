// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// The two descriptors of a worker's protocol, which were moved away from 0 and 1.
///
/// After `steal`, descriptor 0 is normally `/dev/null`, and descriptor 1 is standard error. So code that
/// reads descriptor 0 cannot consume a task, and code that prints cannot damage a line of the protocol. If a
/// person repeats a task (`ManualUse`) and the process has a terminal, descriptor 0 is the terminal. So a
/// debugger can read from descriptor 0.
package struct ProtocolDescriptors: Sendable {
    /// The descriptor from which the coordinator's messages are read.
    package let input: Int32
    /// The descriptor to which results are written.
    package let output: Int32

    /// Moves the protocol away from descriptors 0 and 1.
    ///
    /// Call this function once, before any other code reads or prints.
    ///
    /// - Throws: `Refusal` if the system refuses a descriptor, or if `/dev/null` cannot be opened.
    package static func steal() throws(Refusal) -> ProtocolDescriptors {
        // Close-on-exec, because a program that a task starts would otherwise keep the pipes open.
        let input = fcntl(0, F_DUPFD_CLOEXEC, 3)
        let output = fcntl(1, F_DUPFD_CLOEXEC, 3)
        guard input >= 0, output >= 0 else { throw Refusal(move: lastSystemError()) }
        var null: Int32 = -1
        if ManualUse.readsFile(input) { null = unsafe open("/dev/tty", O_RDONLY | O_CLOEXEC) }
        if null < 0 { null = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }
        guard null >= 0 else { throw Refusal(description: "cannot open /dev/null: \(lastSystemError())") }
        guard dup2(null, 0) >= 0, dup2(2, 1) >= 0 else { throw Refusal(move: lastSystemError()) }
        close(null)
        return ProtocolDescriptors(input: input, output: output)
    }

    /// The reason why the protocol could not be moved; `description` is a sentence for people.
    package struct Refusal: Error, CustomStringConvertible {
        package let description: String

        init(description: String) { self.description = description }

        fileprivate init(move reason: String) {
            self.init(description: "cannot move standard input and output away: \(reason)")
        }
    }
}

/// Opens `/dev/null` for each standard descriptor that is closed.
///
/// Otherwise the next opened file could become standard output, because open(2) takes the lowest free number.
/// Descriptor 0 is opened only for writing, and 1 and 2 only for reading. So reads of input and writes of
/// output still fail with EBADF, and no record is lost silently.
package func openMissingStandardDescriptors() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
        _ = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
}
