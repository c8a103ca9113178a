// SPDX-License-Identifier: MIT
// fetchpool

/// A writer that packs bits into bytes, lowest bit first, as deflate requires (RFC 1951, 3.1.1).
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var pending: UInt32 = 0
    private var pendingCount: UInt32 = 0

    /// Adds the low `count` bits of `value`, lowest first.
    ///
    /// `count` must be at most 16, and the higher bits of `value` must be 0.
    mutating func write(_ value: UInt32, count: UInt32) {
        pending |= value << pendingCount
        pendingCount += count
        while pendingCount >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            pendingCount -= 8
        }
    }

    /// Adds whole bytes that earlier calls of `write` added, as if the calls were repeated.
    ///
    /// The incomplete last byte must have the same bits before those calls, after those calls, and now.
    mutating func append(_ unit: [UInt8]) { bytes += unit }

    /// Fills the last byte with zero bits.
    mutating func fillByte() {
        if pendingCount > 0 { write(0, count: 8 - pendingCount) }
    }

    /// Removes and returns the whole bytes; the bits of an incomplete last byte remain.
    mutating func takeBytes() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }
}
