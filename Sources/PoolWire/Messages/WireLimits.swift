// SPDX-License-Identifier: MIT
// fetchpool

/// The limits of the worker protocol, version 1.
package enum WireLimits {
    /// The protocol version of this program.
    package static let version = 1
    /// The longest input line of a user, in bytes.
    package static let maxInputLineBytes = 8 << 20
    /// The longest line between coordinator and worker, in bytes.
    ///
    /// A task of `maxInputLineBytes` fits, unless escapes make it much longer.
    package static let maxWorkerLineBytes = 16 << 20
    /// The longest line of a child coordinator, in bytes.
    ///
    /// Such a line can hold the longest result of a worker of the child, and the other members of the record.
    package static let maxChildLineBytes = maxWorkerLineBytes + (4 << 20)
    /// The longest result in bytes: the longest line minus 256 bytes for the other members of the message.
    package static let maxResultBytes = maxWorkerLineBytes - 256
    /// The largest allowed number of nested arrays and objects in a task or a result.
    ///
    /// Lines and records put a few more levels around the task or result. The limit of whole lines and
    /// records is `JSONScanner.maxDepth`.
    package static let maxValueDepth = 500
    /// The longest body that a line may contain, in bytes; longer bodies go to the spool.
    package static let maxInlineBodyBytes = 4 << 10
    /// The longest allowed silence, in seconds, of a coordinator that sends a `beat` message each second.
    ///
    /// After a longer silence, a child coordinator exits if the member `remote` of its `init` message is
    /// `true`. A `fetchpool-fetch` with such an `init` message exits after at least this time, and at most
    /// twice this time.
    package static let coordinatorSilence = 15
}
