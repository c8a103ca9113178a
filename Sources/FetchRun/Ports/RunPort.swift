// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool

/// The source of a run's tasks and the destination of its records.
///
/// Every method is called on the pool thread, and none waits.
protocol RunPort: AnyObject {
    /// The queue of batches that were read; closed after the last batch.
    var input: InputQueue { get }
    /// The destination of lines.
    var output: any RecordOutput { get }
    /// The form of records: the members around those that all records have in common.
    var form: any RecordForm { get }

    /// Starts reading.
    func startReading()
    /// True while tasks may begin.
    var isOpen: Bool { get }
    /// True if batches must take effect as soon as they are read; otherwise they wait in `input` until the
    /// run needs them.
    var isHeededAtOnce: Bool { get }
    /// Lets a task begin; returns `false` if the task may only begin later, when `nextAdmitted` returns it.
    ///
    /// `reference` is the reference of the task's `RunTask`. A message that must be sent first is written to
    /// `sink`.
    func admit(_ task: PoolTask, reference: Int, into sink: inout RecordSink) -> Bool
    /// Returns the next task that `admit` did not let begin and that may begin now.
    func nextAdmitted() -> PoolTask?
    /// Removes and returns all tasks that were not admitted.
    func takeHeld() -> [PoolTask]

    /// Writes the messages to the parent coordinator that are due.
    ///
    /// `isReady` is true once the workers have sent their first lines; `inFlight` is the number of tasks in
    /// flight.
    func turn(at now: PoolTime, isReady: @autoclosure () -> Bool, inFlight: Int, into sink: inout RecordSink)
    /// The latest time of the next call of `turn`; `nil` if no call is needed.
    var nextWake: PoolTime? { get }
    /// Passes on complete lines.
    func write(_ lines: [UInt8])
    /// Writes the message that says that everything is done.
    func sayBye(into sink: inout RecordSink)
    /// True if failed records change the exit status.
    var judgesRecords: Bool { get }
}

/// A port that reads tasks from files and pipes, and writes records to a file or a pipe.
final class FilePort: RunPort {
    let input: InputQueue
    let output: any RecordOutput
    let form: any RecordForm = LineRecords()
    private let start: () -> Void

    /// Creates a port; `startReading` is called to start reading.
    init(input: InputQueue, output: any RecordOutput, startReading: @escaping () -> Void) {
        (self.input, self.output, start) = (input, output, startReading)
    }

    func startReading() { start() }
    var isOpen: Bool { true }
    var isHeededAtOnce: Bool { false }
    func admit(_ task: PoolTask, reference: Int, into sink: inout RecordSink) -> Bool { true }
    func nextAdmitted() -> PoolTask? { nil }
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
