// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The two descriptors that a supervised worker speaks over, moved away from 0 and 1.
///
/// After `steal`, descriptor 0 is `/dev/null` and descriptor 1 is standard error, so that code which reads or prints
/// can neither eat a task nor break a line of the protocol.
package struct ProtocolDescriptors: Sendable {
    /// Where the coordinator's messages come from.
    package let input: Int32
    /// Where answers go.
    package let output: Int32

    /// Moves descriptors 0 and 1 away.
    ///
    /// Call it once, before anything else reads or prints.
    ///
    /// - Returns: `nil` if a descriptor could not be made (`errno` says why).
    package static func steal() -> ProtocolDescriptors? {
        // Above 2, and not handed on to programs that a task may start: those would keep our pipes open.
        let input = fcntl(0, F_DUPFD_CLOEXEC, 3)
        let output = fcntl(1, F_DUPFD_CLOEXEC, 3)
        let null = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard input >= 0, output >= 0, null >= 0 else { return nil }
        guard dup2(null, 0) >= 0, dup2(2, 1) >= 0 else { return nil }
        close(null)
        return ProtocolDescriptors(input: input, output: output)
    }
}

/// Opens `/dev/null` on those of the descriptors 0, 1 and 2 that are closed, each the wrong way round.
///
/// Else the next file that is opened would become somebody's standard output (open(2) takes the lowest number free).
/// Input that cannot be read and output that cannot be written fail as they do on the closed descriptor, with EBADF:
/// records must not vanish in silence.
package func openMissingStandardDescriptors() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
        _ = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
}
