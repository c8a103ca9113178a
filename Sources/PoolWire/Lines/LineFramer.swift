// SPDX-License-Identifier: MIT
// fetchpool

#if canImport(Glibc)
import Glibc
#endif

/// Splits a stream of bytes into lines at byte 0x0A, whatever pieces the stream arrives in.
///
/// The framer owns the bytes it was given until their line was handed out. Memory is bounded by the longest line
/// allowed and one read. It knows nothing of descriptors: the caller's closure fills the room that it offers.
///
/// Bounds of the unsafe code here: the pointers passed to `memchr` and to `fill` cover `bytes` and nothing else.
package struct LineFramer: Sendable {
    /// What the framer found.
    package enum Line: Equatable, Sendable {
        /// A whole line: where it lies in `bytes`, without its line feed and without one carriage return before it.
        case whole(Range<Int>)
        /// A line longer than the limit: where its first bytes lie, for showing. Said once; the rest is skipped.
        case tooLong(Range<Int>)
    }

    /// The longest line accepted, in bytes, its line feed not counted.
    package let maxLineBytes: Int
    /// The bytes that the ranges of `Line` point into; valid until the next `fill` or `append`.
    package private(set) var bytes: [UInt8] = []
    private var start = 0
    private var end = 0
    private var searched = 0
    private var isSkipping = false

    /// How much of a line over the limit is shown.
    private static let shownBytes = 200

    /// Creates a framer that accepts lines of up to `maxLineBytes` bytes.
    package init(maxLineBytes: Int) {
        self.maxLineBytes = maxLineBytes
    }

    /// The number of bytes held that no line has taken yet.
    package var pendingBytes: Int { end - start }

    /// True where the next byte begins a line: a framer may be exchanged for another only here.
    package var isBetweenLines: Bool { pendingBytes == 0 && !isSkipping }

    /// Offers room for at least `room` bytes to `read`, which returns how many it filled.
    ///
    /// Ranges handed out before this call are void after it.
    package mutating func fill(room: Int, _ read: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        makeRoom(room)
        let free = end..<bytes.count
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe read(UnsafeMutableRawBufferPointer(rebasing: buffer[free]))
        }
        precondition(count >= 0 && count <= free.count, "a read filled more room than it was given")
        end += count
        return count
    }

    /// Adds bytes that are already in memory.
    package mutating func append(_ new: [UInt8]) {
        makeRoom(new.count)
        bytes.replaceSubrange(end..<end + new.count, with: new)
        end += new.count
    }

    /// The next line, or `nil` until more bytes have come.
    package mutating func next() -> Line? {
        while true {
            guard let feed = findLineFeed() else { return overlongLine() }
            let line = start..<feed
            start = feed + 1
            searched = start
            if isSkipping {
                isSkipping = false
                continue
            }
            guard line.count <= maxLineBytes + 1 else { return .tooLong(shown(line)) }
            let trimmed = withoutReturn(line)
            guard trimmed.count <= maxLineBytes else { return .tooLong(shown(line)) }
            return .whole(trimmed)
        }
    }

    /// The last line of a stream that ended without a line feed; `nil` if there is none.
    package mutating func finish() -> Line? {
        defer { (start, searched, isSkipping) = (end, end, false) }
        guard !isSkipping, start < end else { return nil }
        let trimmed = withoutReturn(start..<end)
        return trimmed.count <= maxLineBytes ? .whole(trimmed) : .tooLong(shown(start..<end))
    }

    private mutating func overlongLine() -> Line? {
        if isSkipping {
            (start, searched) = (end, end)
            return nil
        }
        // One byte more than the limit may still be the carriage return of a line that fits.
        guard end - start > maxLineBytes + 1 else { return nil }
        let line = shown(start..<end)
        isSkipping = true
        (start, searched) = (end, end)
        return .tooLong(line)
    }

    private func shown(_ line: Range<Int>) -> Range<Int> {
        line.lowerBound..<min(line.upperBound, line.lowerBound + Self.shownBytes)
    }

    private func withoutReturn(_ line: Range<Int>) -> Range<Int> {
        guard let last = line.last, bytes[last] == 0x0D else { return line }
        return line.lowerBound..<last
    }

    private mutating func findLineFeed() -> Int? {
        guard searched < end else { return nil }
        let window = searched..<end
        let found = unsafe bytes.withUnsafeBytes { buffer -> Int? in
            guard let base = buffer.baseAddress else { return nil }
            guard let hit = unsafe memchr(base + window.lowerBound, 0x0A, window.count) else { return nil }
            return unsafe UnsafeRawPointer(hit) - base
        }
        searched = found ?? end
        return found
    }

    private mutating func makeRoom(_ room: Int) {
        if start == end {
            (start, end, searched) = (0, 0, 0)
        }
        guard bytes.count - end < room else { return }
        if start > 0 {
            // What is left is the torn last line, so this moves each byte about once.
            let pending = end - start
            unsafe bytes.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                unsafe _ = memmove(base, base + start, pending)
            }
            (searched, start, end) = (searched - start, 0, pending)
        }
        let missing = end + room - bytes.count
        if missing > 0 {
            bytes += [UInt8](repeating: 0, count: max(missing, bytes.count))
        }
    }
}
