// SPDX-License-Identifier: MIT
// fetchpool

/// Reads tasks of exactly the form in which our own coordinator writes them, as `UsualAnswer` does answers.
package enum UsualTask {
    /// Reads a line; `nil` if it has another form.
    package static func read(_ line: Span<UInt8>) -> CoordinatorMessage.Assignment? {
        unsafe line.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            // The buffer lives for the call and covers its count.
            var cursor = unsafe JSONCursor(base, end: buffer.count, at: 0)
            guard cursor.take(#"{"t":"task","seq":"#), let seq = cursor.integer(),
                cursor.take(#","attempt":"#), let attempt = cursor.integer(),
                cursor.take(#","task":"#), let task = cursor.object()
            else { return nil }
            var response: Range<Int>?
            if cursor.take(#","response":"#) {
                response = cursor.object()
                guard response != nil else { return nil }
            }
            guard cursor.take("}"), cursor.position == cursor.end else { return nil }
            return CoordinatorMessage.Assignment(
                seq: seq,
                attempt: attempt,
                task: task,
                response: response
            )
        }
    }
}
