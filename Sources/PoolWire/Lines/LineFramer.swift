// SPDX-License-Identifier: MIT
// fetchpool

#if canImport(Glibc)
import Glibc
#endif

/// Splits a stream of bytes, which may arrive in any pieces, into lines at byte 0x0A.
///
/// Its memory is at most about twice the longest line allowed and one read. It uses no descriptors: the
/// caller's closure fills the memory that the framer provides.
///
/// Bounds of the unsafe code here: the pointers passed to `memchr` and to `fill` cover `bytes` and nothing
/// else.
package struct LineFramer: Sendable {
    /// A line that the framer found.
    package enum Line: Equatable, Sendable {
        /// A whole line: its range in `bytes`, without its line feed and without one carriage return before
        /// it.
        case whole(Range<Int>)
        /// A line longer than the limit: the range of its first bytes, for messages. Returned once; the rest
        /// is skipped.
        case tooLong(Range<Int>)
    }

    /// The longest line accepted, in bytes, without its line feed.
    package let maxLineBytes: Int
    /// The bytes that the ranges of `Line` point into; valid until the next `fill` or `append`.
    package private(set) var bytes: [UInt8] = []
    private var start = 0
    private var end = 0
    private var searched = 0
    private var isSkipping = false

    /// The number of bytes shown of a line over the limit.
    private static let shownBytes = 200

    /// Creates a framer that accepts lines of up to `maxLineBytes` bytes.
    package init(maxLineBytes: Int) {
        self.maxLineBytes = maxLineBytes
    }

    /// The number of bytes after the last returned line.
    package var pendingBytes: Int { end - start }

    /// True if the next byte begins a line; only then may another framer continue the stream.
    package var isBetweenLines: Bool { pendingBytes == 0 && !isSkipping }

    /// Passes memory for at least `room` bytes to `read`, which returns the number of bytes it filled.
    ///
    /// Ranges returned before this call are invalid after it.
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

    /// Appends bytes that are already in memory.
    package mutating func append(_ new: [UInt8]) {
        makeRoom(new.count)
        bytes.replaceSubrange(end..<end + new.count, with: new)
        end += new.count
    }

    /// Returns the next line; `nil` until more bytes have come.
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

    /// Returns the last line of a stream that ended without a line feed; `nil` if there is none.
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
        // A line that fits may be one byte longer here, if it ends with a carriage return.
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
            // Only the beginning of the last line is left, so each byte is moved about once.
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
