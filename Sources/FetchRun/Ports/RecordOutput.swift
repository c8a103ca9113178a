// SPDX-License-Identifier: MIT
// fetchpool

/// The destination of records: the output thread, or its replacement in a simulation.
///
/// The pool thread calls every method, and waits only in `finish`.
package protocol RecordOutput: AnyObject {
    /// Starts taking lines.
    func start()
    /// Adds complete lines.
    func write(_ lines: [UInt8])
    /// True while no new task may begin, because too many bytes wait to be written.
    var isFull: Bool { get }
    /// The error because of which nothing more is written; `nil` if there is none.
    var failure: RunError? { get }
    /// The number of bytes written so far.
    var writtenBytes: Int { get }
    /// Closes the output, and waits until everything is written; after a failure, it does not wait for the
    /// rest.
    ///
    /// - Returns: `false` if `givesUp` returned true before that.
    func finish(orUntil givesUp: () -> Bool) -> Bool
}
