// SPDX-License-Identifier: MIT
// fetchpool

#if canImport(Glibc)
import Glibc
#endif

/// A framer that splits a stream of bytes into lines at byte 0x0A; the bytes may arrive in any pieces.
///
/// If the caller takes all lines before each read, the memory stays below about twice the sum of the longest
/// allowed line and one read.
///
/// Bounds of the unsafe code here: `memchr` and `memmove` access only memory of `bytes`. The buffer that the
/// caller's closure gets is also a part of `bytes`.
package struct LineFramer: Sendable {
    /// A line that the framer found.
    package enum Line: Equatable, Sendable {
        /// A whole line, without its line end; with `splitsLongLines`, also the last part of a line.
        case whole(Range<Int>)
        /// A line longer than the limit: the range of at most its first 200 bytes, for messages. The rest of
        /// the line is left out.
        ///
        /// With `splitsLongLines`, this is a part of a line that continues after this part. Nothing is
        /// left out.
        case tooLong(Range<Int>)
    }

    /// The length of the longest accepted line, in bytes, without its line end (a line feed, or a carriage
    /// return and a line feed).
    ///
    /// With `splitsLongLines`, longer lines are accepted too, whole or in parts.
    ///
    /// A change has no effect on a line that `next` already skips.
    package var maxLineBytes: Int
    /// True if a long line is returned in parts while it arrives.
    ///
    /// The last part is `whole`; each part before it is `tooLong`. A part can be longer than the limit, by
    /// about the bytes of one read.
    package let splitsLongLines: Bool
    /// The bytes to which the ranges of `Line` refer; the next `fill` or `append` makes the ranges invalid.
    package private(set) var bytes: [UInt8] = []
    private var start = 0
    private var end = 0
    private var searched = 0
    private var isSkipping = false
    /// The number of bytes of the current line that were skipped since the count began; `nil` if no line is
    /// being skipped.
    ///
    /// The count begins at 0 when the line becomes too long, and anew when `takeSkipped` returns true.
    /// `spareSkipped` lowers the count, which can become negative.
    private var skipped: Int?

    /// The most memory that `shrink` leaves, in bytes.
    private static let keptBytes = 1 << 20
    /// The most bytes in `Line.tooLong` without `splitsLongLines`.
    private static let shownBytes = 200

    /// Creates a framer that accepts lines of up to `maxLineBytes` bytes.
    ///
    /// With `splitsLongLines`, longer lines are accepted too.
    package init(maxLineBytes: Int, splitsLongLines: Bool = false) {
        (self.maxLineBytes, self.splitsLongLines) = (maxLineBytes, splitsLongLines)
    }

    /// The number of received bytes that are part of no returned line, and that were not skipped.
    package var pendingBytes: Int { end - start }

    /// True if the next byte begins a line, so that another framer can continue the stream.
    package var isBetweenLines: Bool { pendingBytes == 0 && !isSkipping }

    /// Passes memory for `room` bytes to `read`, and returns the number that `read` returns.
    ///
    /// After a long line there may be memory for more bytes, but one read stays as small as the caller wants.
    ///
    /// `read` must return the number of bytes that it has filled, 0 or more.
    package mutating func fill(room: Int, _ read: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        makeRoom(room)
        let free = end..<end + room
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe read(UnsafeMutableRawBufferPointer(rebasing: buffer[free]))
        }
        precondition(count >= 0 && count <= free.count, "a read returned a count below 0 or above its room")
        end += count
        return count
    }

    /// Frees the memory of a long line, if no line is incomplete.
    package mutating func shrink() {
        guard bytes.count > Self.keptBytes, isBetweenLines else { return }
        (bytes, start, end, searched) = ([], 0, 0, 0)
    }

    /// Appends bytes that are already in memory.
    package mutating func append(_ new: [UInt8]) {
        makeRoom(new.count)
        bytes.replaceSubrange(end..<end + new.count, with: new)
        end += new.count
    }

    /// Returns true if at least `count` bytes of the current line were skipped; the count then begins anew.
    ///
    /// A caller that must bound the length of skipped lines calls this function after each read.
    package mutating func takeSkipped(_ count: Int) -> Bool {
        guard let skipped, skipped >= count else { return false }
        self.skipped = 0
        return true
    }

    /// Excludes the next `count` skipped bytes of the current line from the count of `takeSkipped`.
    package mutating func spareSkipped(_ count: Int) { skipped = skipped.map { $0 - count } }

    /// Returns the next line; `nil` if more bytes must arrive first.
    package mutating func next() -> Line? {
        while true {
            guard let feed = findLineFeed() else { return overlongLine() }
            let line = start..<feed
            start = feed + 1
            searched = start
            if isSkipping {
                (isSkipping, skipped) = (false, nil)
                continue
            }
            return whole(line)
        }
    }

    /// Returns the last line of a stream that ended without a line feed; `nil` if there is none, or if the
    /// line was skipped.
    ///
    /// The caller must first call `next` until `next` returns `nil`.
    package mutating func finish() -> Line? {
        defer { (start, searched, isSkipping, skipped) = (end, end, false, nil) }
        return isSkipping || start == end ? nil : whole(start..<end)
    }

    /// Returns a line that has ended; without `splitsLongLines`, only the beginning of a line longer than the
    /// limit.
    @inline(__always)
    private func whole(_ line: Range<Int>) -> Line {
        let trimmed = withoutReturn(line)
        let isAccepted = trimmed.count <= maxLineBytes || splitsLongLines
        return isAccepted ? .whole(trimmed) : .tooLong(shown(line))
    }

    private mutating func overlongLine() -> Line? {
        if isSkipping {
            skipped = skipped.map { $0 + end - start }
            (start, searched) = (end, end)
            return nil
        }
        // One more byte is accepted: the carriage return of the line end can arrive before the line feed.
        guard end - start > maxLineBytes + 1 else { return nil }
        if splitsLongLines {
            // The last byte stays, because it can be the carriage return of the line end.
            let part = start..<end - 1
            (start, searched) = (end - 1, end)
            return .tooLong(part)
        }
        let line = shown(start..<end)
        (isSkipping, skipped) = (true, 0)
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
            // Usually only the beginning of one line remains, so few bytes are moved.
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
