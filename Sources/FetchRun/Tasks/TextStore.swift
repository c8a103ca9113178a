// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire

/// The texts of all tasks that wait or are under way, in one array that is used over and over.
///
/// An array for each would cost more than all else that is done for a cheap task. Texts of up to a KiB lie in cells of the next multiple of 16
/// bytes; a free cell holds the number of the next free one of its size. Who stores a text frees it, once.
///
/// Bounds of the unsafe code here: a cell lies in `bytes`, since `newCell` alone makes cells and makes them there; it is as long as the text that is
/// written to it, and has room for a number.
struct TextStore: Sendable {
    private var bytes = [UInt8](repeating: 0, count: 64 << 10)
    /// The end of what has ever been a cell.
    private var end = 0
    /// By size, the first free cell, counted in units; 0 for none.
    private var free = [UInt32](repeating: 0, count: longest / unit + 1)
    private var long: [[UInt8]] = []
    private var freeLong: [UInt32] = []
    /// The texts held.
    private(set) var count = 0

    /// The room that all cells share, in bytes.
    var size: Int { bytes.count }

    /// What a cell's size is a multiple of.
    private static let unit = 16
    /// The longest text that lies in a cell.
    private static let longest = 1_024

    /// Stores a task's object.
    mutating func store(_ object: Span<UInt8>) -> TextPlace {
        store(object, isBare: false)
    }

    /// Stores an object, or the one that is to be made of a bare URL that needs no escapes.
    mutating func store(_ text: Span<UInt8>, isBare: Bool) -> TextPlace {
        count += 1
        // As `PlainTask` has them; written out here, so that the compiler knows their lengths.
        let (prefix, suffix): (StaticString, StaticString) = (#"{"url":""#, #""}"#)
        let frame = isBare ? prefix.utf8CodeUnitCount + suffix.utf8CodeUnitCount : 0
        let size = text.count + frame
        guard size <= Self.longest else { return storeLong(text, isBare: isBare) }
        let units = Self.units(size)
        let first = Int(free[units]) - 1
        let start = first < 0 ? newCell(units) : first * Self.unit
        unsafe bytes.withUnsafeMutableBytes { room in
            guard let cell = unsafe room.baseAddress.map({ unsafe $0 + start }) else { return }
            if first >= 0 { free[units] = unsafe cell.loadUnaligned(as: UInt32.self) }
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

    /// Lets go of a text.
    mutating func free(_ place: TextPlace) {
        count -= 1
        guard place.count <= Self.longest else {
            long[Int(place.start)] = []
            return freeLong.append(place.start)
        }
        let size = Self.units(Int(place.count))
        let next = free[size]
        unsafe bytes.withUnsafeMutableBytes { room in
            unsafe room.storeBytes(of: next, toByteOffset: Int(place.start), as: UInt32.self)
        }
        // One more, so that 0 is none.
        free[size] = place.start / UInt32(Self.unit) + 1
    }

    /// Shows a text.
    @inline(__always)
    func with<Result>(_ place: TextPlace, _ body: (Span<UInt8>) -> Result) -> Result {
        guard place.count <= Self.longest else {
            let text = long[Int(place.start)]
            return body(text.span)
        }
        return body(bytes.span.extracting(Int(place.start)..<Int(place.start) + Int(place.count)))
    }

    /// Makes a cell; returns where it begins.
    private mutating func newCell(_ units: Int) -> Int {
        let start = end
        end += units * Self.unit
        if end > bytes.count { bytes += [UInt8](repeating: 0, count: bytes.count) }
        return start
    }

    private mutating func storeLong(_ text: Span<UInt8>, isBare: Bool) -> TextPlace {
        let object = isBare ? PlainTask.object(of: text) : text.array(0..<text.count)
        let place = freeLong.popLast() ?? UInt32(long.count)
        if Int(place) == long.count { long.append(object) } else { long[Int(place)] = object }
        return TextPlace(start: place, count: UInt32(object.count))
    }

    private static func units(_ size: Int) -> Int { max(1, (size + unit - 1) / unit) }
}
