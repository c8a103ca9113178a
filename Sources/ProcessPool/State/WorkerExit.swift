// SPDX-License-Identifier: MIT
// fetchpool

/// How a worker's process ended, and what is left of it to tell.
package struct WorkerExit: Hashable, Sendable {
    /// The signal that ended it; `nil` if it exited by itself.
    package var signal: Int32?
    /// Its exit status; 0 where a signal ended it.
    package var status: Int32
    /// True if it died for want of memory, as far as that can be told.
    package var isOutOfMemory: Bool
    /// The most memory it was seen to hold, in KiB; `nil` if nobody looked.
    package var peakRSSKB: Int?
    /// True if its pool ended it, so that a signal says nothing about the task.
    package var wasStopped = false
    /// Its process id; 0 where no process was started.
    package var pid = 0
    /// What it wrote to standard error since its last answer: some first and last lines.
    package var errorTail: [String] = []

    /// Describes an end.
    package init(signal: Int32? = nil, status: Int32 = 0, isOutOfMemory: Bool = false, peakRSSKB: Int? = nil)
    {
        self.signal = signal
        self.status = status
        self.isOutOfMemory = isOutOfMemory
        self.peakRSSKB = peakRSSKB
    }

    /// True if it exited by itself with status 0.
    package var isClean: Bool { signal == nil && status == 0 }
}
