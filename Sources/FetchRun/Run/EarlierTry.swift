// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// A try at a task that failed and was followed by another: one element of a record's `attempts`.
struct EarlierTry: Hashable, Sendable {
    /// Why it failed.
    var errorClass: ErrorClass
    /// How long it took.
    var microseconds: Int
    /// How long it then waited for the next, as far as that is known.
    var waitMicroseconds: Int?
}

extension JSONWriter {
    /// Writes the tries before the last one, in order; nothing where there were none.
    mutating func recordAttempts(_ tries: [EarlierTry]) {
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
