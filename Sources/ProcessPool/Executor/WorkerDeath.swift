// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The end of a worker that had not finished its task.
public struct WorkerDeath: Hashable, Sendable {
    /// The process id.
    public var pid: Int
    /// The number of the signal that ended it (signal(7)); `nil` if it exited by itself.
    public var signal: Int32?
    /// The exit status; `nil` if a signal ended it.
    public var exitCode: Int32?
    /// The first and the last lines that it wrote to standard error during the task, 40 at most.
    public var stderr: [String]
    /// The highest resident memory that was seen; `nil` if it is not known.
    public var peakMemory: ByteCount?
    /// True if it died for lack of memory, as far as this can be known.
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
    /// The process, how it ended, and the line of its standard error that names the fault, or the last one.
    public var description: String {
        let end = signal.map { "signal \(SignalName.of($0))" } ?? "exit status \(exitCode ?? 0)"
        let memory = isOutOfMemory ? ", out of memory" : ""
        let reason = stderr.first(where: Self.namesFault) ?? stderr.last
        return "process \(pid), \(end)\(memory)" + (reason.map { "; \($0)" } ?? "")
    }

    /// Returns `true` for a line after which Swift or Python lists the calls.
    private static func namesFault(_ line: String) -> Bool {
        ["Fatal error: ", "Program crashed: ", "Fatal Python error: "].contains { line.contains($0) }
    }
}
