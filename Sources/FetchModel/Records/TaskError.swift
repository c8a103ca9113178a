// SPDX-License-Identifier: MIT
// fetchpool

/// What a record's `error` says.
package struct TaskError: Error, Hashable, Sendable {
    /// The typed reason.
    package var errorClass: ErrorClass
    /// One sentence for people.
    package var message: String
    /// Whether another try may help.
    package var isRetryable: Bool

    /// Describes a failure.
    package init(_ errorClass: ErrorClass, _ message: String, isRetryable: Bool = false) {
        self.errorClass = errorClass
        self.message = message
        self.isRetryable = isRetryable
    }
}
