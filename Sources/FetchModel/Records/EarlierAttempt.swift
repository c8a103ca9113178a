// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// A try at a task that failed and was followed by another: one element of a record's `attempts`.
package struct EarlierAttempt: Hashable, Sendable {
    /// Why it failed.
    package var errorClass: ErrorClass
    /// How long it took.
    package var microseconds: Int
    /// How long it then waited for the next, as far as that is known.
    package var waitMicroseconds: Int?

    /// A try that failed after a time.
    package init(errorClass: ErrorClass, microseconds: Int, waitMicroseconds: Int? = nil) {
        (self.errorClass, self.microseconds) = (errorClass, microseconds)
        self.waitMicroseconds = waitMicroseconds
    }
}

extension JSONWriter {
    /// Writes the tries before the last one, in order; nothing where there were none.
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
