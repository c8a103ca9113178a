// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

extension LineFramer {
    /// The outcome of one read from a descriptor.
    package enum Reading: Hashable, Sendable {
        /// Bytes have arrived.
        case some
        /// The stream has ended.
        case end
        /// The read failed with this error number.
        case failed(Int32)
    }

    /// The minimum size of the memory for one read, in bytes: the default capacity of a pipe (pipe(7)).
    private static let readBytes = 64 << 10

    /// Reads available bytes into the framer; waits if there are none, even if `descriptor` is non-blocking.
    package mutating func fill(from descriptor: Int32) -> Reading {
        var failure: Int32 = 0
        let count = unsafe fill(room: Self.readBytes) { room in
            let count = unsafe readOnce(descriptor, into: room)
            failure = count < 0 ? errno : 0
            return max(count, 0)
        }
        if count > 0 { return .some }
        return failure == 0 ? .end : .failed(failure)
    }
}
