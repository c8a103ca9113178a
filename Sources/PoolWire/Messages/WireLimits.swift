// SPDX-License-Identifier: MIT
// fetchpool

/// The limits of the worker protocol, version 1.
package enum WireLimits {
    /// The protocol version of this program.
    package static let version = 1
    /// The longest input line of a user, in bytes.
    package static let maxInputLineBytes = 8 << 20
    /// The longest line between coordinator and worker, in bytes; a task of `maxInputLineBytes` always fits
    /// in it.
    package static let maxWorkerLineBytes = 16 << 20
    /// The deepest nesting of arrays and objects in a task or a result.
    ///
    /// Lines and records wrap both in a few more levels, and may nest `JSONScanner.maxDepth` deep. So a value
    /// that one coordinator has accepted can be read by all others.
    package static let maxValueDepth = 500
    /// The longest body that is sent inside a response line, in bytes; longer ones are stored in the spool.
    package static let maxInlineBodyBytes = 4 << 10
}
