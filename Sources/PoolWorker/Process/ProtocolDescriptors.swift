// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The two descriptors of a supervised worker's protocol, moved away from 0 and 1.
///
/// After `steal`, descriptor 0 is `/dev/null` and descriptor 1 is standard error. So code that reads or
/// prints can neither consume a task nor damage a line of the protocol.
package struct ProtocolDescriptors: Sendable {
    /// The descriptor from which the coordinator's messages are read.
    package let input: Int32
    /// The descriptor to which results are written.
    package let output: Int32

    /// Moves the protocol away from descriptors 0 and 1.
    ///
    /// Call it once, before any other code reads or prints.
    ///
    /// - Returns: `nil` if a descriptor could not be created (`errno` says why).
    package static func steal() -> ProtocolDescriptors? {
        // Above 2, and not inherited by programs that a task may start: those would keep the pipes open.
        let input = fcntl(0, F_DUPFD_CLOEXEC, 3)
        let output = fcntl(1, F_DUPFD_CLOEXEC, 3)
        let null = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard input >= 0, output >= 0, null >= 0 else { return nil }
        guard dup2(null, 0) >= 0, dup2(2, 1) >= 0 else { return nil }
        close(null)
        return ProtocolDescriptors(input: input, output: output)
    }
}

/// Opens `/dev/null` on each closed descriptor of 0, 1 and 2: 0 only for writing, 1 and 2 only for reading.
///
/// Otherwise the next opened file would become standard output, for example (open(2) takes the lowest free
/// number). Reading input and writing output fail with EBADF, as on a closed descriptor, so that records do
/// not vanish silently.
package func openMissingStandardDescriptors() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
        _ = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
}
