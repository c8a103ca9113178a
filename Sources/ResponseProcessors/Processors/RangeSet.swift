// SPDX-License-Identifier: MIT
// fetchpool

/// Tells which parts of one array of bytes are alike, without a copy of any.
///
/// It is an open-addressed table that is at most half full. Hashes are Swift's own, seeded anew in each
/// process, so that no page can aim at collisions.
///
/// Bounds of the unsafe code here: ranges are checked against the array before its buffer is used, which is
/// during one call.
struct RangeSet {
    private struct Slot {
        var range = 0..<0
        var hash = 0
        var isTaken = false
    }

    private var slots: [Slot]
    private let mask: Int

    /// Makes a set with room for `count` ranges.
    init(expecting count: Int) {
        var size = 16
        while size < 2 * count { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        mask = size - 1
    }

    /// Adds `range`, unless a range with the same bytes was added before; at most as often as the set was
    /// made for.
    ///
    /// `bytes` may grow between calls; what was added stays as it is.
    /// - Returns: Whether it was added.
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
