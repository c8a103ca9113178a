// SPDX-License-Identifier: MIT
// fetchpool

/// The error of a task: the member `error` of a record.
package struct TaskError: Error, Hashable, Sendable {
    /// The class of the error.
    package var errorClass: ErrorClass
    /// A sentence that describes the error for people.
    package var message: String
    /// True if a retry may succeed.
    package var isRetryable: Bool

    /// Creates an error.
    package init(_ errorClass: ErrorClass, _ message: String, isRetryable: Bool = false) {
        self.errorClass = errorClass
        self.message = message
        self.isRetryable = isRetryable
    }
}
