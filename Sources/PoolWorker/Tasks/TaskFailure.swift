// SPDX-License-Identifier: MIT
// fetchpool

/// Why a handler could not do its task: the `error` of the task's record.
public struct TaskFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, one word in snake_case; `processor` unless the handler knows better.
    ///
    /// fetchpool's records show it for what took the place of the fetch worker, if it is one of their classes; of a worker that
    /// processes responses they always say `processor`.
    public var errorClass: String
    /// What is wrong and what to change, one sentence for people.
    public var message: String
    /// Whether another try may help.
    public var isRetryable: Bool

    /// Describes a failure.
    public init(_ message: String, errorClass: String = "processor", isRetryable: Bool = false) {
        self.errorClass = errorClass
        self.message = message
        self.isRetryable = isRetryable
    }

    /// The message.
    public var description: String { message }

    /// The failure that `error` stands for: itself, or one of class `processor` that says what `error` says.
    init(_ error: any Error) {
        self = error as? TaskFailure ?? TaskFailure(String(describing: error))
    }
}
