// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

extension LineFramer {
    /// The outcome of one read from a descriptor.
    package enum Reading: Hashable, Sendable {
        /// Bytes have come; there may be a line.
        case some
        /// The stream has ended.
        case end
        /// The read failed with this error number.
        case failed(Int32)
    }

    /// The most bytes of one read: the default size of a pipe (pipe(7)).
    private static let readBytes = 64 << 10

    /// Reads the bytes that are available, and waits only for the first byte.
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
