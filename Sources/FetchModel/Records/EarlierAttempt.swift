// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// A failed attempt before the last attempt of a task: an element of a record's `attempts`.
package struct EarlierAttempt: Hashable, Sendable {
    /// The class of the failure.
    package var errorClass: ErrorClass
    /// The duration of the attempt, in microseconds.
    package var microseconds: Int
    /// The wait before the next attempt, in microseconds; `nil` if the wait was not measured.
    package var waitMicroseconds: Int?

    /// Creates a failed attempt.
    package init(errorClass: ErrorClass, microseconds: Int, waitMicroseconds: Int? = nil) {
        (self.errorClass, self.microseconds) = (errorClass, microseconds)
        self.waitMicroseconds = waitMicroseconds
    }
}

extension JSONWriter {
    /// Writes the attempts before the last attempt, oldest first; writes nothing if there are none.
    package mutating func recordAttempts(_ tries: [EarlierAttempt]) {
        guard !tries.isEmpty else { return }
        name("attempts")
        beginArray()
        for earlier in tries {
            beginObject()
            name("class")
            string(earlier.errorClass.rawValue)
            name("total_ms")
            milliseconds(fromMicroseconds: earlier.microseconds)
            if let wait = earlier.waitMicroseconds {
                name("wait_ms")
                milliseconds(fromMicroseconds: wait)
            }
            endObject()
        }
        endArray()
    }
}
