// SPDX-License-Identifier: MIT
// fetchpool

/// A set of ranges of one byte array.
///
/// Ranges with the same bytes count as equal, and no bytes are copied.
///
/// The set is an open-addressed table that is at most half full. Swift's hashes have a random seed, so no
/// page can cause collisions on purpose.
///
/// Bounds of the unsafe code here: the caller ensures that the new range and all added ranges lie within
/// `bytes` (see `insert`). The array's buffer is used only during one call.
struct RangeSet {
    private struct Slot {
        var range = 0..<0
        var hash = 0
        var isTaken = false
    }

    private var slots: [Slot]
    private let mask: Int

    /// Creates a set for at most `count` ranges.
    init(expecting count: Int) {
        var size = 16
        while size < 2 * count { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        mask = size - 1
    }

    /// Adds `range`, unless the set already has a range with the same bytes.
    ///
    /// `range` must lie within `bytes`. `bytes` may grow between calls, but must keep the bytes of added
    /// ranges unchanged.
    /// - Returns: True if the range was added.
    mutating func insert(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            let new = unsafe UnsafeRawBufferPointer(rebasing: buffer[range])
            var hasher = Hasher()
            unsafe hasher.combine(bytes: new)
            let hash = hasher.finalize()
            var index = hash & mask
            while slots[index].isTaken {
                if slots[index].hash == hash,
                    unsafe new.elementsEqual(UnsafeRawBufferPointer(rebasing: buffer[slots[index].range]))
                {
                    return false
                }
                index = (index + 1) & mask
            }
            slots[index] = Slot(range: range, hash: hash, isTaken: true)
            return true
        }
    }
}
