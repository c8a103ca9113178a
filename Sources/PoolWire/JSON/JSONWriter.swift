// SPDX-License-Identifier: MIT
// fetchpool

/// Writes JSON into one reusable buffer.
///
/// Commas follow from the byte before: none is due after an opening bracket, a colon or a line's start. The writer
/// does not check that brackets match or that names differ; its callers are few and tested. It is public for the
/// reason that `JSONRoom` is.
///
/// Bounds of the unsafe code here: `start..<end` is allocated and owned by this writer alone, `start..<next` is written, and
/// nothing is written before `reserve` made sure of its room.
@safe
public struct JSONWriter: ~Copyable {
    @usableFromInline var start: UnsafeMutablePointer<UInt8>
    @usableFromInline var next: UnsafeMutablePointer<UInt8>
    @usableFromInline var end: UnsafeMutablePointer<UInt8>
    @usableFromInline var lineStart = 0

    /// What a writer has room for at first, and what it keeps at most for the lines that follow.
    private static let (firstBytes, keptBytes) = (256, 1 << 20)

    /// Creates a writer with an empty buffer.
    package init() {
        unsafe start = .allocate(capacity: Self.firstBytes)
        unsafe next = start
        unsafe end = start + Self.firstBytes
    }

    deinit { unsafe start.deallocate() }

    /// The number of bytes written.
    package var count: Int { unsafe next - start }

    /// Whether nothing is written.
    package var isEmpty: Bool { unsafe next == start }

    /// A copy of what was written.
    package var bytes: [UInt8] { withBytes { unsafe $0.withUnsafeBufferPointer { unsafe Array($0) } } }

    /// Lends what was written.
    package func withBytes<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // What is written lies at `start` as long as nothing more is.
        try body(unsafe UnsafeBufferPointer(start: start, count: count).span)
    }

    /// Forgets what was written and keeps the room, unless that is of an uncommon size.
    package mutating func removeAll() {
        unsafe next = start
        lineStart = 0
        if unsafe end - start > Self.keptBytes { resize(to: Self.firstBytes) }
    }

    /// Takes what was written.
    package mutating func take() -> [UInt8] {
        let taken = bytes
        removeAll()
        return taken
    }

    /// Forgets what was written from `count` on, to take back half a record; `count` lies in the line begun last.
    package mutating func truncate(to count: Int) {
        precondition(count >= lineStart && count <= self.count, "only the line begun last can be taken back")
        unsafe next = start + count
    }

    /// Makes sure of room for `count` bytes more.
    @inlinable @inline(__always)
    mutating func reserve(_ count: Int) {
        if unsafe end - next < count { grow(by: count) }
    }

    @usableFromInline
    mutating func grow(by count: Int) {
        precondition(count >= 0, "less than no room")
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

// The room belongs to one writer alone, which is handed on whole.
extension JSONWriter: @unchecked Sendable {}
