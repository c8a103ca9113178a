// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The end of a worker that had not finished its task.
public struct WorkerDeath: Hashable, Sendable {
    /// The process id.
    public var pid: Int
    /// The number of the signal that ended the process (signal(7)); `nil` if the process exited by itself.
    ///
    /// If ``ProcessPoolExecutor/terminateWorkers()`` or ``ProcessPoolExecutor/killWorkers()`` has ended the
    /// task, this is the signal of the first such call: SIGTERM or SIGKILL.
    public var signal: Int32?
    /// The exit status; `nil` if a signal ended the process.
    public var exitCode: Int32?
    /// The first 30 and the last 10 lines that the worker wrote to standard error, mostly during the task.
    ///
    /// If the pool ended the worker because of an earlier task, the last line gives this reason.
    ///
    /// The pool does not show what healthy workers write to standard error. To keep such output, let the
    /// workers write to a file.
    ///
    /// Blank lines are left out, and at most 500 bytes of a line are kept. The array is empty if the task
    /// ended because of ``ProcessPoolExecutor/terminateWorkers()`` or ``ProcessPoolExecutor/killWorkers()``.
    public var stderr: [String]
    /// The highest known resident memory of the worker; `nil` if none is known.
    public var peakMemory: ByteCount?
    /// True if the worker died for lack of memory, as far as this can be known.
    public var isOutOfMemory: Bool

    init(_ exit: WorkerExit) {
        pid = exit.pid
        signal = exit.signal
        exitCode = exit.signal == nil ? exit.status : nil
        stderr = exit.errorTail
        peakMemory = exit.peakRSSKB.map { .kibibytes($0) }
        isOutOfMemory = exit.isOutOfMemory
    }

    init(pid: Int, signal: Int32) {
        (self.pid, self.signal) = (pid, signal)
        (exitCode, stderr, peakMemory, isOutOfMemory) = (nil, [], nil, false)
    }
}

extension WorkerDeath: CustomStringConvertible {
    /// The process id, the end of the process, a note if memory ran out, and a line of standard error.
    public var description: String {
        let end = signal.map(SignalName.text) ?? "exit status \(exitCode ?? 0)"
        let memory = isOutOfMemory ? ", out of memory" : ""
        let reason = stderr.first(where: Self.namesFault) ?? stderr.last
        return "process \(pid), \(end)\(memory)" + (reason.map { "; \($0)" } ?? "")
    }

    /// Returns `true` for a line after which Swift or Python may print a backtrace.
    private static func namesFault(_ line: String) -> Bool {
        ["Fatal error: ", "Program crashed: ", "Fatal Python error: "].contains { line.contains($0) }
    }
}
