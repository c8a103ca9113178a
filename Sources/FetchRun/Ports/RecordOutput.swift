// SPDX-License-Identifier: MIT
// fetchpool

/// The destination of records: the output thread, or its replacement in a simulation.
///
/// The pool thread, which runs the loop of `Run`, calls every method, and waits only in `finish`.
package protocol RecordOutput: AnyObject {
    /// Starts writing the lines that are added.
    func start()
    /// Adds complete lines.
    func write(_ lines: [UInt8])
    /// True while too many bytes wait to be written.
    var isFull: Bool { get }
    /// The error that has stopped the writing; `nil` if there is none.
    var failure: RunError? { get }
    /// The number of bytes written so far.
    var writtenBytes: Int { get }
    /// Closes the output, and waits until everything is written, or until soon after `givesUp` returns true.
    ///
    /// After a failure, the remaining lines are not written.
    ///
    /// - Returns: `true` if the output has ended; `false` if the wait was given up.
    func finish(orUntil givesUp: () -> Bool) -> Bool
    /// Returns the complete lines that were given to `write` and could not be written; call it once, after
    /// `finish`.
    func takeUnwritten() -> [[UInt8]]
    /// A sentence for the user if the output file was deleted during the run; otherwise `nil`.
    var loss: String? { get }
}

extension RecordOutput {
    /// Returns no lines, for an output that does not keep them.
    package func takeUnwritten() -> [[UInt8]] { [] }
    /// `nil`, for an output that cannot be deleted.
    package var loss: String? { nil }
}
