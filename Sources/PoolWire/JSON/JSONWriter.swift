// SPDX-License-Identifier: MIT
// fetchpool

/// A writer of JSON with one reusable buffer.
///
/// The writer puts a comma before each value and name, except after an opening bracket or a colon, and at the
/// start of a line. It does not check that brackets match, or that the names in an object differ. The type is
/// public for the same reason as `JSONRoom`.
///
/// Bounds of the unsafe code here: this writer allocates and owns `start..<end`, and `start..<next` is
/// initialised. Each write first calls `reserve`.
@safe
public struct JSONWriter: ~Copyable {
    @usableFromInline var start: UnsafeMutablePointer<UInt8>
    @usableFromInline var next: UnsafeMutablePointer<UInt8>
    @usableFromInline var end: UnsafeMutablePointer<UInt8>
    @usableFromInline var lineStart = 0

    /// The first size of the buffer, and the largest size that is kept for later lines, in bytes.
    private static let (firstBytes, keptBytes) = (256, 1 << 20)

    /// Creates a writer with an empty buffer.
    package init() {
        unsafe start = .allocate(capacity: Self.firstBytes)
        unsafe next = start
        unsafe end = start + Self.firstBytes
    }

    deinit { unsafe start.deallocate() }

    /// The number of bytes in the buffer.
    package var count: Int { unsafe next - start }

    /// True if the buffer is empty.
    package var isEmpty: Bool { unsafe next == start }

    /// A copy of the bytes in the buffer.
    package var bytes: [UInt8] { withBytes { unsafe $0.withUnsafeBufferPointer { unsafe Array($0) } } }

    /// Calls `body` with the bytes in the buffer.
    package func withBytes<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The bytes stay at `start` during the call, because no other code can change the writer meanwhile.
        try body(unsafe UnsafeBufferPointer(start: start, count: count).span)
    }

    /// Removes all bytes; keeps a buffer of up to 1 MiB, and replaces a larger buffer by a small buffer.
    package mutating func removeAll() {
        unsafe next = start
        lineStart = 0
        if unsafe end - start > Self.keptBytes { resize(to: Self.firstBytes) }
    }

    /// Removes the first `count` bytes, which must belong to ended lines.
    package mutating func removeFirst(_ count: Int) {
        precondition(0...self.count ~= count, "the number of bytes to remove is not in the buffer")
        unsafe start.update(from: start + count, count: self.count - count)
        unsafe next -= count
        lineStart = max(0, lineStart - count)
    }

    /// Returns the bytes in the buffer and removes them.
    package mutating func take() -> [UInt8] {
        let taken = bytes
        removeAll()
        return taken
    }

    /// Makes sure that `count` more bytes fit.
    @inlinable @inline(__always)
    mutating func reserve(_ count: Int) {
        if unsafe end - next < count { grow(by: count) }
    }

    @usableFromInline
    mutating func grow(by count: Int) {
        precondition(count >= 0, "the number of bytes to reserve is negative")
        let size = unsafe end - start
        resize(to: max(self.count + count, 2 * size))
    }

    private mutating func resize(to size: Int) {
        let written = count
        let room = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        unsafe room.initialize(from: start, count: written)
        unsafe start.deallocate()
        unsafe (start, next, end) = (room, room + written, room + size)
    }
}

// The buffer belongs to one writer, and moves with that writer.
extension JSONWriter: @unchecked Sendable {}
