// SPDX-License-Identifier: MIT
// fetchpool

/// A set of ranges of one byte array, which has less than 4 GiB.
///
/// Ranges with the same bytes count as equal, and no bytes are copied.
///
/// The set is an open-addressed table that is at most half full, and doubles when needed. Swift's hashes have
/// a random seed, so no page can cause collisions on purpose.
///
/// Bounds of the unsafe code here: the caller ensures that the new range and all added ranges lie within
/// `bytes` (see `insert`). The array's buffer is used only during one call.
struct RangeSet {
    /// A range with its hash; a free place has the end 0.
    private struct Slot {
        var start: UInt32 = 0
        var end: UInt32 = 0
        var hash = 0
    }

    /// The largest number of ranges for which `init` makes places.
    private static let maxExpected = 1 << 10

    private var slots: [Slot]
    private var mask: Int
    /// The number of ranges.
    private(set) var count = 0

    /// The number of places, each of 16 bytes.
    var placeCount: Int { slots.count }

    /// Creates a set that probably gets `count` ranges.
    ///
    /// `count` may be much too large: places for more than `maxExpected` ranges are made only when needed.
    init(expecting count: Int) {
        var size = 16
        while size < 2 * min(count, Self.maxExpected) { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        mask = size - 1
    }

    /// Adds `range`, unless the set already has a range with the same bytes.
    ///
    /// `range` must lie within `bytes`, and must not be empty. `bytes` may grow between calls, but must keep
    /// the bytes of added ranges unchanged.
    ///
    /// - Returns: True if the range was added.
    mutating func insert(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
        if 2 * count == slots.count { grow() }
        let isNew = unsafe bytes.withUnsafeBytes { buffer in
            let new = unsafe UnsafeRawBufferPointer(rebasing: buffer[range])
            var hasher = Hasher()
            unsafe hasher.combine(bytes: new)
            let hash = hasher.finalize()
            var index = hash & mask
            while slots[index].end > 0 {
                let slot = slots[index]
                if slot.hash == hash,
                    unsafe new.elementsEqual(
                        UnsafeRawBufferPointer(rebasing: buffer[Int(slot.start)..<Int(slot.end)])
                    )
                {
                    return false
                }
                index = (index + 1) & mask
            }
            slots[index] = Slot(start: UInt32(range.lowerBound), end: UInt32(range.upperBound), hash: hash)
            return true
        }
        if isNew { count += 1 }
        return isNew
    }

    /// Doubles the number of places.
    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: 2 * old.count)
        mask = slots.count - 1
        for slot in old where slot.end > 0 {
            var index = slot.hash & mask
            while slots[index].end > 0 { index = (index + 1) & mask }
            slots[index] = slot
        }
    }
}
