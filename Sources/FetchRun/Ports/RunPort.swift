// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool

/// The source of a run's tasks and the destination of its records.
///
/// Every method is called on the pool thread, and no method waits.
protocol RunPort: AnyObject {
    /// The queue of the batches (`InputBatch`) that the run has not taken yet.
    ///
    /// The queue is closed after the last batch, or when the run ends early.
    var input: InputQueue { get }
    var output: any RecordOutput { get }
    /// The form of the records, which differs between output lines and results for a parent coordinator.
    var form: any RecordForm { get }

    /// Starts the thread that fills `input`; in a simulated run, calls the function that fills `input`.
    func startReading()
    /// True once the port allows tasks to begin: in a child coordinator, after its `hello`.
    var isOpen: Bool { get }
    /// True if the run must take each batch as soon as the batch is read.
    ///
    /// If false, batches wait in `input` until the run needs them.
    var isHeededAtOnce: Bool { get }
    /// Returns true if a task may begin now; otherwise the port holds the task.
    ///
    /// `reference` is the number that the parent coordinator gave to the task (`RunTask.reference`). If the
    /// parent must get a `start` message before the task begins, this function writes the message to `sink`.
    func admit(_ task: PoolTask, reference: Int, into sink: inout RecordSink) -> Bool
    /// Removes and returns the next held task that may begin now; `nil` if there is none.
    func nextAdmitted() -> PoolTask?
    /// Notes that the parent coordinator has received the `start` message of a held task.
    func confirm(reference: Int)
    /// Removes and returns all held tasks.
    func takeHeld() -> [PoolTask]

    /// Writes the messages that the parent coordinator must get now.
    ///
    /// `isReady` is true once a worker of each pool has shown that it can start. `inFlight` is the number of
    /// tasks that were taken from the frontier and have not ended; the held tasks are among them.
    func turn(at now: PoolTime, isReady: @autoclosure () -> Bool, inFlight: Int, into sink: inout RecordSink)
    /// The latest time for the next call of `turn`; `nil` if no call is needed.
    var nextWake: PoolTime? { get }
    /// Writes complete lines to the output.
    func write(_ lines: [UInt8])
    /// Writes the last message for the parent coordinator, `bye`.
    func sayBye(into sink: inout RecordSink)
    /// True if signals, an early end and failed records change the exit status.
    var judgesRecords: Bool { get }
}

/// The port of a run without a parent coordinator.
///
/// The tasks come from the command line and from inputs such as files and pipes. The records go to one
/// output, such as a file or a pipe.
final class FilePort: RunPort {
    let input: InputQueue
    let output: any RecordOutput
    let form: any RecordForm = LineRecords()
    private let start: () -> Void

    /// Creates a port; the method `startReading()` calls `startReading`.
    init(input: InputQueue, output: any RecordOutput, startReading: @escaping () -> Void) {
        (self.input, self.output, start) = (input, output, startReading)
    }

    func startReading() { start() }
    var isOpen: Bool { true }
    var isHeededAtOnce: Bool { false }
    func admit(_ task: PoolTask, reference: Int, into sink: inout RecordSink) -> Bool { true }
    func nextAdmitted() -> PoolTask? { nil }
    func confirm(reference: Int) {}
    func takeHeld() -> [PoolTask] { [] }

    func turn(
        at now: PoolTime,
        isReady: @autoclosure () -> Bool,
        inFlight: Int,
        into sink: inout RecordSink
    ) {}
    var nextWake: PoolTime? { nil }
    func write(_ lines: [UInt8]) { output.write(lines) }
    func sayBye(into sink: inout RecordSink) {}
    var judgesRecords: Bool { true }
}
