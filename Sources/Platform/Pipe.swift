// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// Both ends of a pipe, close-on-exec from their first moment, so that no other child inherits them.
///
/// Whoever makes it closes the ends.
package struct Pipe: Sendable {
    /// What is read from.
    package let reader: Int32
    /// What is written to.
    package let writer: Int32

    /// Makes a pipe; returns `nil` where the system gives none (`errno` says why).
    ///
    /// - Parameter isNonblocking: Whether neither reading nor writing waits (O_NONBLOCK).
    package init?(isNonblocking: Bool = false) {
        var (reader, writer): (Int32, Int32) = (-1, -1)
        guard unsafe clinux_pipe(&reader, &writer, isNonblocking ? O_NONBLOCK : 0) == 0 else { return nil }
        (self.reader, self.writer) = (reader, writer)
    }

    /// Closes both ends.
    package func close() {
        Glibc.close(reader)
        Glibc.close(writer)
    }
}
