// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// A writer of lines about workers for the user.
struct WorkerReport {
    private let console: Console
    private let isQuiet: Bool
    private let isVerbose: Bool
    private var limiter = NoteLimiter()
    /// The machines whose worker has failed, and from which no beat has come since.
    private var lostHosts: Set<String> = []

    /// Creates a report on a console.
    ///
    /// With `isVerbose`, the report also shows starts, failed ends, standard error and stray results of
    /// workers. With `isQuiet`, the report hides unusable lines and the ends of workers on other machines. A
    /// process that did not end after SIGKILL is always reported, because the user must end it. A child
    /// coordinator reports such a process on its standard error, which its parent reads.
    init(_ console: Console, isQuiet: Bool, isVerbose: Bool) {
        (self.console, self.isQuiet, self.isVerbose) = (console, isQuiet, isVerbose)
    }

    /// Reports a note about a worker; `role` is `fetcher` or `processor`.
    mutating func tell(_ note: WorkerNote, of worker: WorkerView, _ role: StaticString, at now: PoolTime) {
        let name = "\(role) \(worker.id.slot)"
        if case .ended(let exit) = note, exit.survivedSIGKILL, let reason = exit.errorTail.last {
            console.say("fetchpool: \(name): \(reason)", .error)
        }
        guard isVerbose || note.isUnusableLine && !isQuiet else { return }
        switch note {
        case .beat: break
        case .started: show(name, "pid \(worker.pid) started", at: now)
        case .ended(let exit):
            if !exit.isClean { show(name, "pid \(worker.pid) ended: \(exit.words)", at: now) }
        case .errorLine(let line): show(name, line, at: now)
        case .strayResult(let seq):
            let task = "task \(seq), which it does not have, or must not finish yet"
            show(name, "sent a result for \(task); ignored", at: now)
        case .unusableLine(let shown, let reason):
            guard !isQuiet else { return }
            say("\(name): unusable line on stdout, \(reason): '\(shown)'", .warning, name, at: now)
        }
    }

    /// Reports the failed end of the worker on a machine.
    ///
    /// Further failed ends on this machine are reported only once a beat of its worker has come.
    mutating func tell(_ note: WorkerNote, of host: String) {
        switch note {
        case .beat: lostHosts.remove(host)
        case .ended(let exit):
            guard !exit.isClean, lostHosts.insert(host).inserted, !isQuiet else { return }
            console.say("fetchpool: \(exit.account(of: host))", .warning)
        case .started, .errorLine, .strayResult, .unusableLine: break
        }
    }

    private mutating func show(_ name: String, _ text: String, at now: PoolTime) {
        guard isVerbose else { return }
        say("\(name) | \(text)", .info, name, at: now)
    }

    private mutating func say(
        _ line: String,
        _ level: LogEntry.Level,
        _ name: String,
        at now: PoolTime
    ) {
        let (isShown, heldBack) = limiter.admit(name, at: now)
        if heldBack > 0 { console.say("\(name) | (\(heldBack) more \(heldBack == 1 ? "line" : "lines"))") }
        if isShown { console.say(line, level) }
    }
}

extension WorkerNote {
    fileprivate var isUnusableLine: Bool {
        if case .unusableLine = self { true } else { false }
    }
}

extension WorkerCommand {
    /// Returns advice if another machine could not find or run the program; otherwise an empty text.
    ///
    /// A POSIX shell exits with 127 if it does not find the program, and with 126 if it cannot run the
    /// program.
    func advice(on exit: WorkerExit) -> String {
        guard host != nil, exit.status == 127 || exit.status == 126 else { return "" }
        return "\n  install fetchpool there, or give its path after the machine in the file of --hosts"
    }
}

extension WorkerExit {
    /// The name of the signal that ended the worker, or its exit status, as text.
    var words: String { signal.map(SignalName.of) ?? "exit status \(status)" }

    /// The end of the worker, as the words that follow the worker's name in a sentence.
    var account: String {
        wasLate ? "was too late for --start-deadline" : "ended with \(words)"
    }

    /// Returns a sentence about the end of the worker on a machine.
    ///
    /// If `wasSilent`, `wasLate` or `wasRefused` is true, the sentence names neither a signal nor an exit
    /// status, because the pool itself has ended the worker.
    func account(of host: String) -> String {
        let said = errorTail.last.map { ": \($0)" } ?? ""
        let again =
            "its tasks are sent again, except begun ones that must not be repeated; the worker is started again"
        return switch true {
        case wasSilent:
            "the worker on '\(host)' has sent nothing for 5 s, and is taken for lost; \(again)"
        case wasLate: "the worker on '\(host)' \(account)\(said); it is started again"
        case wasRefused: "the worker on '\(host)' was refused\(said); \(again)"
        default: "the worker on '\(host)' \(account)\(said); \(again)"
        }
    }
}
