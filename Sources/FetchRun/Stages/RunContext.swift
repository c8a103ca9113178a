// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool
import Spool

/// The part of a run that its stages use.
protocol RunControl: AnyObject {
    /// The time at which events of the loop's current turn count (`PoolLoop.now`).
    var now: PoolTime { get }
    /// True once a signal, a limit or a failure ends the run early; no more fetches may begin.
    var isEnding: Bool { get }
    /// Ends the run early because of an error, and cancels the tasks that have begun.
    func fail(_ error: RunError)
    /// Ends the run early because the workers of a command cannot start.
    ///
    /// Without a parent coordinator, the function also cancels all tasks that were read.
    func cannotStart(_ command: WorkerCommand, _ exit: WorkerExit)
    /// Requests that the loop begins its next turn without a wait.
    func needTurn()
    /// Takes one batch of input; returns `false` if none is available now.
    func takeInput() -> Bool
    /// Takes the records that may leave `RecordSink`, and writes them to the output.
    func flush()
}

/// The state that `FetchStage` and `ProcessStage` share: the settings, tasks, spool, cookies and reports of
/// a run.
///
/// The context is used on the pool thread only.
final class RunContext {
    let settings: RunSettings
    let port: any RunPort
    var state: RunState
    /// The spool for the bodies of responses; `nil` if the run has no processor.
    var spool: RunSpool?
    /// The cookies of the run; `nil` if none are kept.
    var session: RunSession?
    var report: WorkerReport
    unowned let control: any RunControl

    /// Creates a context; `control` is the run.
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
        session = settings.fetch.keepsCookies ? RunSession(settings.fetch.cookies) : nil
        (self.spool, self.report, self.control) = (spool, report, control)
    }

    var now: PoolTime { control.now }

    /// Removes and returns a task, and releases its body in the spool; `nil` if no task has this token.
    func remove(_ token: Int) -> RunItem? {
        guard let item = state.remove(token) else { return nil }
        if let fetched = item.fetched, let body = fetched.message.body {
            spool?.release(body, memoryBytes: item.heldBytes)
        }
        return item
    }

    /// Writes the record of a removed task that ended without a result.
    ///
    /// A parent coordinator gets no record of the task if `end.isCancellation` is true. `middle` writes the
    /// members of the record between the status and the earlier attempts.
    func write(
        _ item: RunItem,
        _ ending: RecordSink.Ending,
        after end: TaskEnd,
        _ middle: (inout JSONWriter) -> Void
    ) {
        // Only the parent coordinator may cancel its tasks.
        if !port.form.isLine, end.isCancellation { return state.drop(item) }
        state.write(item, ending, middle)
    }

    /// Writes the number of fetches and, if the record is an output line, the fetch worker.
    func writeFetcher(_ worker: WorkerView, of item: RunItem, into writer: inout JSONWriter) {
        writer.recordAttempt(item.fetches)
        if port.form.isLine {
            let host = settings.workerHosts.host(of: worker)
            writer.recordWorker(id: worker.id.slot, pid: worker.pid, host: host)
        }
    }

    /// Reports an event of a worker, and counts unusable lines and stray results.
    func note(_ note: WorkerNote, of worker: WorkerView, _ role: StaticString) {
        switch note {
        case .strayResult, .unusableLine: state.sink.countUnusableLine()
        case .started, .beat, .errorLine, .ended: break
        }
        report.tell(note, of: worker, role, at: now)
        let hasWork = state.fetchesInFlight > 0 || !state.isEmpty
        if hasWork, !control.isEnding, let host = settings.workerHosts.host(of: worker) {
            report.tell(note, of: host)
        }
    }
}
