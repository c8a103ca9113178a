// SPDX-License-Identifier: MIT
// fetchpool

/// An error that prevents a worker from starting: wrong settings, or a missing resource.
public struct WorkerSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The problem and its remedy, one sentence for people; printed to standard error.
    public var message: String
    /// The exit status of the process, from 1 to 255; 2 is for wrong usage or wrong settings.
    public var exitStatus: Int32

    /// Creates an error.
    public init(_ message: String, exitStatus: Int32 = 1) {
        self.message = message
        self.exitStatus = exitStatus
    }

    /// The message.
    public var description: String { message }
}
