// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Synchronization

/// The results that a worker has not yet written to its pipe, in memory that the worker shares with its
/// coordinator.
///
/// A write(2) for each result can cost more than a cheap task. So a worker can collect results here, and
/// write many results with one call. If the worker dies, the coordinator reads these results from the memory.
/// So a result counts as written as soon as it is in this memory.
///
/// The coordinator creates the memory (memfd_create(2)), and the worker opens it under `/proc`. The header
/// has the worker's process id, the position of the first collected byte, the number of collected bytes, and
/// a mark that the worker has opened the memory. Positions count the bytes that the worker has written to its
/// pipe since it opened the memory. The position in the header shows which collected bytes the coordinator
/// has already read from the pipe.
///
/// The coordinator may give up a memory that the worker has not opened (`revoke`). The coordinator clears the
/// process id before it reads the mark. The worker sets the mark before it reads the process id for the last
/// time. So the worker does not use a memory that was given up.
///
/// A worker can damage the memory, so the coordinator checks the position and the number. The size is sealed
/// (F_ADD_SEALS of fcntl(2)), so the whole mapping stays valid.
///
/// Each of the two processes uses its value on one thread at a time.
///
/// Bounds of the unsafe code here: the mapping has `mappedBytes` bytes and lasts as long as the value. All
/// accesses lie below `mappedBytes`, because `count` and each checked number are at most `capacity`.
@safe package struct OutputTail: ~Copyable {
    /// The largest number of bytes that can be collected: PIPE_BUF of pipe(7).
    ///
    /// A pipe takes a write of up to this size completely or not at all.
    package static let capacity = 4_096

    /// The environment variable with the path of the memory that a worker shares with its coordinator.
    package static let variable = "FETCHPOOL_OUTPUT_TAIL"

    private static let headerBytes = 64
    private static let mappedBytes = headerBytes + capacity
    /// The name of the memory in `/proc`.
    private static let name = "fetchpool-output-tail"

    private let memory: UnsafeMutableRawPointer
    /// The descriptor of the memory; −1 after `closeDescriptor()`, and in the worker's value.
    private var descriptor: Int32

    /// The number of bytes that the worker has collected; always 0 in the coordinator's value.
    package private(set) var count = 0

    deinit {
        unsafe munmap(memory, Self.mappedBytes)
        if descriptor >= 0 { close(descriptor) }
    }

    private static func map(_ descriptor: Int32) -> UnsafeMutableRawPointer? {
        let memory = unsafe mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        return unsafe memory == MAP_FAILED ? nil : memory
    }

    private static func word(
        _ index: Int,
        of memory: UnsafeMutableRawPointer
    ) -> UnsafeMutablePointer<Atomic<Int>> {
        unsafe memory.assumingMemoryBound(to: Atomic<Int>.self) + index
    }

    private var writer: UnsafeMutablePointer<Atomic<Int>> { unsafe Self.word(0, of: memory) }
    private var start: UnsafeMutablePointer<Atomic<Int>> { unsafe Self.word(1, of: memory) }
    private var length: UnsafeMutablePointer<Atomic<Int>> { unsafe Self.word(2, of: memory) }
    private var mark: UnsafeMutablePointer<Atomic<Int>> { unsafe Self.word(3, of: memory) }
    private var bytes: UnsafeMutableRawPointer { unsafe memory + Self.headerBytes }

    // MARK: The coordinator

    /// Creates the memory for one worker; returns `nil` if the system refuses.
    package init?() {
        let descriptor = unsafe clinux_memory_file(Self.name, Self.mappedBytes)
        guard descriptor >= 0 else { return nil }
        guard let memory = unsafe Self.map(descriptor) else {
            close(descriptor)
            return nil
        }
        (unsafe self.memory, self.descriptor) = (unsafe memory, descriptor)
    }

    /// The path under which the worker opens the memory, until `closeDescriptor()`.
    package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Lets `init(openedAt:)` succeed in the process `pid`, the worker.
    package func setWriter(_ pid: Int32) { unsafe writer.pointee.store(Int(pid), ordering: .releasing) }

    /// Lets each later `init(openedAt:)` fail.
    ///
    /// - Returns: False if the worker has opened the memory and may use it.
    package func revoke() -> Bool {
        unsafe writer.pointee.store(0, ordering: .sequentiallyConsistent)
        return !isOpened
    }

    /// Closes the descriptor; a worker that has opened the memory can still use the memory.
    package mutating func closeDescriptor() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }

    /// True if the worker has opened the memory.
    package var isOpened: Bool { unsafe mark.pointee.load(ordering: .sequentiallyConsistent) != 0 }

    /// The position after the last byte that the worker has added, even if the byte was removed since.
    ///
    /// The value is 0 if the header has impossible numbers. While the worker removes bytes, the value can be
    /// smaller than this position, but never smaller than the position of the first removed byte.
    package var end: Int {
        let start = unsafe start.pointee.load(ordering: .acquiring)
        let length = unsafe length.pointee.load(ordering: .acquiring)
        guard 0...Self.capacity ~= length, 0...Int.max / 4 ~= start else { return 0 }
        return start + length
    }

    /// Returns the collected bytes from the position `received` on.
    ///
    /// Call this function after the worker has ended or has closed its output. The bytes before `received`
    /// were read from the pipe. The result is empty if there are no other collected bytes, or if the header
    /// has impossible numbers.
    package func rest(after received: Int) -> [UInt8] {
        let start = unsafe start.pointee.load(ordering: .acquiring)
        let length = unsafe length.pointee.load(ordering: .acquiring)
        guard 0...Self.capacity ~= length, 0...received ~= start, received - start < length else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: length)[(received - start)...])
    }

    // MARK: The worker

    /// Opens the memory at `path`; returns `nil` if it cannot be opened, or is not for this process.
    package init?(openedAt path: String) {
        // The link is checked first, because opening another kind of file, such as a device, can have
        // effects.
        var target = [CChar](repeating: 0, count: 64)
        let count = unsafe readlink(path, &target, target.count)
        let name = "/memfd:\(Self.name)".utf8CString.dropLast()
        guard count > 0, target[..<count].starts(with: name) else { return nil }
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_size == Self.mappedBytes,
            let memory = unsafe Self.map(descriptor)
        else { return nil }
        guard unsafe Self.isWriter(of: memory) else {
            unsafe munmap(memory, Self.mappedBytes)
            return nil
        }
        unsafe Self.word(3, of: memory).pointee.store(1, ordering: .sequentiallyConsistent)
        // The coordinator may have given up the memory before it could see the mark.
        guard unsafe Self.isWriter(of: memory) else {
            unsafe munmap(memory, Self.mappedBytes)
            return nil
        }
        (unsafe self.memory, self.descriptor) = (unsafe memory, -1)
    }

    private static func isWriter(of memory: UnsafeMutableRawPointer) -> Bool {
        unsafe word(0, of: memory).pointee.load(ordering: .sequentiallyConsistent) == Int(getpid())
    }

    /// True if the worker has collected no bytes; always true in the coordinator's value.
    package var isEmpty: Bool { count == 0 }

    /// Returns true if a line fits beside the collected bytes.
    package func holds(_ line: Span<UInt8>) -> Bool { count + line.count <= Self.capacity }

    /// Adds a complete line, which must fit.
    ///
    /// `position` is the number of bytes that the worker has written to its pipe since it opened the memory.
    package mutating func append(_ line: Span<UInt8>, at position: Int) {
        precondition(holds(line), "the line does not fit")
        if count == 0 { unsafe start.pointee.store(position, ordering: .releasing) }
        unsafe line.withUnsafeBytes {
            unsafe (bytes + count).copyMemory(
                from: $0.baseAddress ?? UnsafeRawPointer(bytes),
                byteCount: $0.count
            )
        }
        count += line.count
        unsafe length.pointee.store(count, ordering: .releasing)
    }

    /// Calls `body` with the collected bytes.
    package func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        let room = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
        return body(unsafe Span<UInt8>(_unsafeBytes: room))
    }

    /// Removes all collected bytes, after they were written to the pipe.
    ///
    /// If the worker dies between the write and this call, the coordinator finds the bytes both in the pipe
    /// and in the memory. The positions of the bytes show the coordinator that they are the same bytes.
    package mutating func removeAll() {
        let end = unsafe start.pointee.load(ordering: .relaxed) &+ count
        count = 0
        unsafe length.pointee.store(0, ordering: .releasing)
        unsafe start.pointee.store(end, ordering: .releasing)
    }
}
