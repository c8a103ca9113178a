// SPDX-License-Identifier: MIT
// fetchpool

/// Where records go: the thread that writes them, or, in a simulation, what reads them.
///
/// The pool thread calls it, and never waits but in `finish`.
package protocol RecordOutput: AnyObject {
    /// Begins to take lines.
    func start()
    /// Adds whole lines.
    func write(_ lines: [UInt8])
    /// Whether so much waits to be written that nothing new shall be begun.
    var isFull: Bool { get }
    /// Why writing ended early.
    var failure: RunError? { get }
    /// The bytes written so far.
    var writtenBytes: Int { get }
    /// Says that nothing more comes, and waits until all is written, or writing has failed.
    ///
    /// - Returns: `false` if it gave up before, because `givesUp` said so.
    func finish(orUntil givesUp: () -> Bool) -> Bool
}
