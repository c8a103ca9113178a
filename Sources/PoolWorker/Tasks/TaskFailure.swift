// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a handler could not do its task: the `error` of the task's record.
public struct TaskFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, one word in snake_case; by default `processor`.
    ///
    /// For a worker that replaces the fetch worker, the record shows fetchpool's own classes, and `processor`
    /// for any other class. For a processor of responses, the record always shows `processor`.
    /// `ProcessPoolExecutor` passes on the class as the `type` of its `WorkerFailure`.
    ///
    /// A worker sends at most the first 64 KiB of the class, and of the message.
    public var errorClass: String
    /// The problem and its remedy, one sentence for people.
    public var message: String
    /// True if another attempt may help.
    public var isRetryable: Bool

    /// The most bytes of a class or a message that a worker sends, in UTF-8.
    static let maxTextBytes = 64 << 10

    /// Creates a failure.
    public init(_ message: String, errorClass: String = "processor", isRetryable: Bool = false) {
        self.errorClass = errorClass
        self.message = message
        self.isRetryable = isRetryable
    }

    /// The message.
    public var description: String { message }

    /// Creates a copy of a `TaskFailure`; for any other error, a failure of class `processor` with that
    /// error's description.
    init(_ error: any Error) {
        self = error as? TaskFailure ?? TaskFailure(String(describing: error))
    }
}
