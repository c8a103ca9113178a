// SPDX-License-Identifier: MIT
// fetchpool

/// A worker that cannot begin at all: its settings are wrong or something it needs is missing.
public struct WorkerSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to change, one sentence for people; printed to standard error.
    public var message: String
    /// The status the process ends with, from 1 to 255; 2 is for wrong usage.
    public var exitStatus: Int32

    /// Describes why the worker cannot begin.
    public init(_ message: String, exitStatus: Int32 = 1) {
        self.message = message
        self.exitStatus = exitStatus
    }

    /// The message.
    public var description: String { message }
}
