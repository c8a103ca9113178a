// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool

/// Where the tasks of a run come from, and where its records go.
///
/// Everything is called on the pool thread, and does not wait but in `finish`.
protocol RunPort: AnyObject {
    /// The batches that were read and wait; closed after the last.
    var input: InputQueue { get }
    /// Where lines go.
    var output: any RecordOutput { get }
    /// The form of records: the members around those that all have in common.
    var form: any RecordForm { get }

    /// Begins to read.
    func startReading()
    /// True while tasks may begin.
    var isOpen: Bool { get }
    /// True if batches must have their effect as soon as they are read; else they wait in `input` until they are needed.
    var isHeededAtOnce: Bool { get }
    /// Lets a task begin; `false` if it may begin later, when `nextAdmitted` returns it.
    ///
    /// `reference` is that of its `RunTask`; what has to be said first goes to `sink`.
    func admit(_ task: PoolTask, reference: Int, into sink: inout RecordSink) -> Bool
    /// The next task that could not begin when `admit` was asked, and may now.
    func nextAdmitted() -> PoolTask?
    /// Takes back all that was not admitted.
    func takeHeld() -> [PoolTask]

    /// Says what is due to whoever gave the tasks.
    ///
    /// `isReady` is true once the workers have been heard of; `inFlight` tasks are under way.
    func turn(at now: PoolTime, isReady: @autoclosure () -> Bool, inFlight: Int, into sink: inout RecordSink)
    /// The time of the next call of `turn` that must come; `nil` if none must.
    var nextWake: PoolTime? { get }
    /// Hands on whole lines.
    func write(_ lines: [UInt8])
    /// Says that all is done.
    func sayBye(into sink: inout RecordSink)
    /// True if the exit status tells of records that are no success.
    var judgesRecords: Bool { get }
}

/// Tasks from files and pipes, records to a file or a pipe.
final class FilePort: RunPort {
    let input: InputQueue
    let output: any RecordOutput
    let form: any RecordForm = LineRecords()
    private let start: () -> Void

    /// A port whose reading `startReading` begins.
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
