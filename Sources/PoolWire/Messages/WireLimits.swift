// SPDX-License-Identifier: MIT
// fetchpool

/// The numbers of the worker protocol, version 1.
package enum WireLimits {
    /// The protocol version spoken here.
    package static let version = 1
    /// The longest input line of a user, in bytes.
    package static let maxInputLineBytes = 8 << 20
    /// The longest line between coordinator and worker: a task with its envelope, and an answer, always fit.
    package static let maxWorkerLineBytes = 16 << 20
    /// How deep the arrays and objects of a task, or of a result, may nest.
    ///
    /// Lines and records wrap both in a few levels of their own and may nest `JSONScanner.maxDepth` deep, so that what one level of
    /// coordinators has accepted, all others can read.
    package static let maxValueDepth = 500
    /// The longest body that rides inside a response line, in bytes; longer ones lie in the spool.
    package static let maxInlineBodyBytes = 4 << 10
}
