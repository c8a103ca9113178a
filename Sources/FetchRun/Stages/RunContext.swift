// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool

/// The requests of a stage to the run as a whole.
protocol RunControl: AnyObject {
    /// The time at which this turn of the loop began.
    var now: PoolTime { get }
    /// True once nothing may begin any more, after a signal or a failure.
    var isEnding: Bool { get }
    /// Ends the run early: everything that has not ended is cancelled.
    func fail(_ error: RunError)
    /// A command cannot be started: nobody can do what is left.
    func cannotStart(_ command: WorkerCommand, _ exit: WorkerExit)
    /// Asks for another turn at once.
    func needTurn()
    /// Takes one batch of input; `false` if there is none now.
    func takeInput() -> Bool
    /// Hands on the records written so far.
    func flush()
}

/// The state that both stages of a run share: its tasks, its spool, and its reports.
///
/// On the pool thread alone.
final class RunContext {
    let settings: RunSettings
    let port: any RunPort
    var state: RunState
    var spool: RunSpool?
    var report: WorkerReport
    unowned let control: any RunControl

    /// A context for a run that `control` is.
    init(
        _ settings: RunSettings,
        _ port: any RunPort,
        _ state: consuming RunState,
        spool: RunSpool?,
        _ report: WorkerReport,
        _ control: any RunControl
    ) {
        (self.settings, self.port) = (settings, port)
        self.state = state
        (self.spool, self.report, self.control) = (spool, report, control)
    }

    /// The time at which this turn of the loop began.
    var now: PoolTime { control.now }

    /// Takes a task out of the run, and gives back what it held of the spool.
    func remove(_ token: Int) -> RunItem? {
        guard let item = state.remove(token) else { return nil }
        if let fetched = item.fetched, let body = fetched.answer.body, let response = fetched.answer.response
        {
            spool?.release(body, responseBytes: response.count)
        }
        return item
    }

    /// Writes the record of a removed task that ended without an answer, or lets go of it where whoever gave it has a say in that.
    func write(
        _ item: RunItem,
        _ ending: RecordSink.Ending,
        after end: TaskEnd,
        _ middle: (inout JSONWriter) -> Void
    ) {
        // A parent coordinator gives a task without an answer to another worker; it alone may cancel it.
        if !port.form.isLine, end.isCancellation { return state.drop(item) }
        state.write(item, ending, middle)
    }

    /// Writes who fetched, and how often.
    func writeFetcher(_ worker: WorkerView, of item: RunItem, into writer: inout JSONWriter) {
        writer.recordAttempt(item.fetches)
        if port.form.isLine { writer.recordWorker(id: worker.id.slot, pid: worker.pid) }
    }

    /// Tells what a worker did or said, and counts what cannot be used.
    func note(_ note: WorkerNote, of worker: WorkerView, _ role: StaticString) {
        switch note {
        case .strayAnswer, .unusableLine: state.sink.countUnusableLine()
        case .started, .beat, .errorLine, .ended: break
        }
        report.tell(note, of: worker, role, at: now)
    }
}
