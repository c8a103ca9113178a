// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel

/// Something that came in for the run.
package enum RunInput: Sendable {
    /// A line of input, read; `upstream` is the number that a coordinator above gave it.
    case line(InputLine, upstream: Int?)
    /// A coordinator above wants up to `max` tasks back that have not begun.
    case recall(max: Int)
    /// A coordinator above wants one task back.
    case cancel(upstream: Int)
}

/// What one read brought.
package struct InputBatch: Sendable {
    /// The messages, in order.
    package var inputs: [RunInput] = []
    /// The bytes read, which bound what waits.
    package var bytes = 0
    /// Why reading ended early.
    package var failure: RunError?

    /// Describes a read.
    package init(inputs: [RunInput] = [], bytes: Int = 0, failure: RunError? = nil) {
        (self.inputs, self.bytes, self.failure) = (inputs, bytes, failure)
    }
}

/// What was read and waits for the run; closed after the last.
package typealias InputQueue = BoundedQueue<InputBatch>

extension BoundedQueue<InputBatch> {
    /// A queue that lets the reading thread be 1 MiB of memory ahead of the run, but by one batch at least.
    static func forInput() -> InputQueue {
        // A line that was read costs about 200 bytes beside its text.
        InputQueue(limit: 1 << 20) { $0.bytes + $0.inputs.count * 200 + 1 }
    }
}
