// SPDX-License-Identifier: MIT
// fetchpool

import Decompression
import PoolWire

/// A reader of one input, which recognises gzip and zstd by the first bytes and decompresses them.
struct InputReader {
    /// The outcome of one read.
    enum Reading: Hashable {
        /// Bytes have arrived.
        case some
        /// The input has ended.
        case end
        /// The input cannot be read further, for a reason that completes "cannot read FILE: …".
        case failed(String)
    }

    private var reader: DecompressingReader

    /// The minimum size of the memory for one read, in bytes.
    private static let readBytes = 64 << 10

    /// Creates a reader of a descriptor that is at the beginning of an input.
    init(_ descriptor: Int32) { reader = DecompressingReader(descriptor) }

    /// Reads available bytes into the framer; waits for the first byte if there are none.
    mutating func fill(_ framer: inout LineFramer) -> Reading {
        var fault: DecompressionFault?
        let count = unsafe framer.fill(room: Self.readBytes) { room in
            do throws(DecompressionFault) {
                return try unsafe reader.read(into: room)
            } catch {
                fault = error
                return 0
            }
        }
        if let fault { return .failed(fault.reason) }
        return count > 0 ? .some : .end
    }
}
