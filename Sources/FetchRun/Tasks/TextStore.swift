// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire

/// The texts of all tasks that wait or are in flight; most of the texts are in one array.
///
/// An array for each text would take too much time. A text of up to 1 KiB has a cell in the common array; a
/// longer text has its own array. The size of a cell is a power of two. With more sizes, texts whose lengths
/// change over the run would leave many free cells of each size. A free cell holds the number of the next
/// free cell of its size, plus 1; 0 for none. The caller must free each text once.
///
/// Bounds of the unsafe code: only `newCell` makes cells, and it makes them within `bytes`. A cell is at
/// least as long as its text, and has space for a number.
struct TextStore: Sendable {
    private var bytes = [UInt8](repeating: 0, count: 64 << 10)
    /// The end of the bytes that are used for cells so far.
    private var end = 0
    /// The number of the first free cell of each size, plus 1; 0 for none.
    ///
    /// The number of a cell is its offset in units. The index of a size is the binary logarithm of the size
    /// in units.
    private var free = [UInt32](repeating: 0, count: sizeIndex(longest) + 1)
    private var long: [[UInt8]] = []
    private var freeLong: [UInt32] = []
    /// The number of stored texts.
    private(set) var count = 0

    /// The size of the common array, in bytes.
    var size: Int { bytes.count }

    /// The unit of cell sizes, in bytes; a power of two.
    private static let unit = 16
    /// The length of the longest text that is stored in a cell, in bytes.
    private static let longest = 1_024

    /// Stores a task object, and returns its place.
    mutating func store(_ object: Span<UInt8>) -> TextPlace {
        store(object, isBare: false)
    }

    /// Stores a task object or a bare URL, and returns its place.
    ///
    /// A bare URL is stored as a task object; the URL must not contain characters that JSON escapes.
    mutating func store(_ text: Span<UInt8>, isBare: Bool) -> TextPlace {
        count += 1
        // The prefix and the suffix of `PlainTask`, repeated here so that the compiler knows their lengths.
        let (prefix, suffix): (StaticString, StaticString) = (#"{"url":""#, #""}"#)
        let frame = isBare ? prefix.utf8CodeUnitCount + suffix.utf8CodeUnitCount : 0
        let size = text.count + frame
        guard size <= Self.longest else { return storeLong(text, isBare: isBare) }
        let sizeIndex = Self.sizeIndex(size)
        let first = Int(free[sizeIndex]) - 1
        let start = first < 0 ? newCell(sizeIndex) : first * Self.unit
        unsafe bytes.withUnsafeMutableBytes { room in
            guard let cell = unsafe room.baseAddress.map({ unsafe $0 + start }) else { return }
            if first >= 0 { free[sizeIndex] = unsafe cell.loadUnaligned(as: UInt32.self) }
            var to = unsafe cell
            if isBare {
                unsafe to.copyMemory(from: prefix.utf8Start, byteCount: prefix.utf8CodeUnitCount)
                unsafe to += prefix.utf8CodeUnitCount
                unsafe (to + text.count).copyMemory(
                    from: suffix.utf8Start,
                    byteCount: suffix.utf8CodeUnitCount
                )
            }
            unsafe text.withUnsafeBytes {
                if let base = $0.baseAddress { unsafe to.copyMemory(from: base, byteCount: $0.count) }
            }
        }
        return TextPlace(start: UInt32(start), count: UInt32(size))
    }

    mutating func free(_ place: TextPlace) {
        count -= 1
        guard place.count <= Self.longest else {
            long[Int(place.start)] = []
            return freeLong.append(place.start)
        }
        let sizeIndex = Self.sizeIndex(Int(place.count))
        let next = free[sizeIndex]
        unsafe bytes.withUnsafeMutableBytes { room in
            unsafe room.storeBytes(of: next, toByteOffset: Int(place.start), as: UInt32.self)
        }
        free[sizeIndex] = place.start / UInt32(Self.unit) + 1
    }

    /// Calls `body` with the text at `place`, and returns the result of `body`.
    @inline(__always)
    func with<Result>(_ place: TextPlace, _ body: (Span<UInt8>) -> Result) -> Result {
        guard place.count <= Self.longest else {
            let text = long[Int(place.start)]
            return body(text.span)
        }
        return body(bytes.span.extracting(Int(place.start)..<Int(place.start) + Int(place.count)))
    }

    /// Makes a cell; returns its offset.
    private mutating func newCell(_ sizeIndex: Int) -> Int {
        let start = end
        end += Self.unit << sizeIndex
        if end > bytes.count { bytes += [UInt8](repeating: 0, count: bytes.count) }
        return start
    }

    private mutating func storeLong(_ text: Span<UInt8>, isBare: Bool) -> TextPlace {
        let object = isBare ? PlainTask.object(of: text) : text.array(0..<text.count)
        let place = freeLong.popLast() ?? UInt32(long.count)
        if Int(place) == long.count { long.append(object) } else { long[Int(place)] = object }
        return TextPlace(start: place, count: UInt32(object.count))
    }

    /// Returns the index of the smallest size of cells for a text of `count` bytes.
    private static func sizeIndex(_ count: Int) -> Int {
        Int.bitWidth - (max(count - 1, 0) / unit).leadingZeroBitCount
    }
}
