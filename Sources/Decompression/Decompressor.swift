// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// A reader of a compressed file or pipe with any number of gzip members and zstd frames.
///
/// Bytes of value 0 can follow the last member or frame, because tapes pad files with zeros. The reader does
/// not close the descriptor.
package final class Decompressor {
    private enum State {
        /// The next bytes must begin a member or a frame, or be zeros at the end; the input may also end
        /// here.
        case between
        case inside
        /// Only zeros may follow.
        case padding
    }

    private let descriptor: Int32
    private var format: Compression
    private var decoder: (any StreamDecompressor)?
    private var state = State.between
    /// Space for compressed bytes that were read.
    ///
    /// The bytes in `start..<end` are not decoded yet.
    private var bytes = [UInt8](repeating: 0, count: 64 << 10)
    private var (start, end) = (0, 0)
    /// True if the decoder may still hold output for which `room` had no space.
    private var isHoldingBack = false

    /// Creates a reader of a descriptor.
    ///
    /// `head` has the bytes that were already read; these bytes begin with data of `format`.
    package init(_ format: Compression, descriptor: Int32, head: some Collection<UInt8>) {
        (self.format, self.descriptor) = (format, descriptor)
        if head.count > bytes.count { bytes += [UInt8](repeating: 0, count: head.count - bytes.count) }
        bytes.replaceSubrange(0..<head.count, with: head)
        end = head.count
    }

    /// Writes the next decompressed bytes to `room`; waits for input if more is needed.
    ///
    /// `room` must have at least one byte.
    ///
    /// - Returns: The number of bytes written to `room`; 0 only at the end of the input.
    /// - Throws: `DecompressionFault` if the input cannot be read or decompressed, for example because
    ///   libzstd is missing.
    package func read(into room: UnsafeMutableRawBufferPointer) throws(DecompressionFault) -> Int {
        while true {
            switch state {
            case .between:
                guard try beginMember() else { return 0 }
            case .padding:
                guard bytes[start..<end].allSatisfy({ $0 == 0 }) else { throw bytesAfterZeros }
                start = end
                guard try readMore() else { return 0 }
            case .inside:
                let count = try unsafe decode(into: room)
                if count > 0 { return count }
            }
        }
    }

    private var strayBytes: DecompressionFault {
        DecompressionFault(reason: "bytes that are neither gzip nor zstd follow its \(format.rawValue) data")
    }

    private var bytesAfterZeros: DecompressionFault {
        DecompressionFault(
            reason: "zeros follow its \(format.rawValue) data, and other bytes follow the zeros"
        )
    }

    /// Sets the state according to the next bytes; returns false at the end of the input.
    private func beginMember() throws(DecompressionFault) -> Bool {
        while true {
            if start < end, bytes[start] == 0 {
                state = .padding
                return true
            }
            switch Compression.verdict(on: bytes[start..<end].prefix(Compression.headBytes)) {
            case .plain: throw strayBytes
            case .compressed(let next):
                if decoder == nil || next != format { try create(next) }
                state = .inside
                return true
            case .undecided:
                guard try readMore() else {
                    guard start == end else { throw strayBytes }
                    return false
                }
            }
        }
    }

    private func create(_ next: Compression) throws(DecompressionFault) {
        if let refusal = next.refusal { throw decoder == nil ? refusal : strayBytes }
        format = next
        decoder = next == .gzip ? GzipDecompressor() : ZstdDecompressor()
        guard decoder == nil else { return }
        let isMissing = next == .zstd && !ZstdDecompressor.isAvailable
        throw DecompressionFault(
            reason: isMissing
                ? "it is compressed with zstd, and libzstd.so.1 cannot be loaded; install libzstd, or give the output of zstd -dc"
                : "there is not enough memory to decompress it"
        )
    }

    private func decode(into room: UnsafeMutableRawBufferPointer) throws(DecompressionFault) -> Int {
        if start == end, !isHoldingBack {
            guard try readMore() else {
                throw DecompressionFault(reason: "its \(format.rawValue) data ends early")
            }
        }
        guard let decoder else { return 0 }
        var fault: DecompressionFault?
        let step = unsafe bytes.withUnsafeBytes { all -> DecompressionStep? in
            let input = unsafe UnsafeRawBufferPointer(rebasing: all[start..<end])
            do throws(DecompressionFault) {
                return try unsafe decoder.decode(input, into: room)
            } catch {
                fault = error
                return nil
            }
        }
        guard let step else { throw fault ?? strayBytes }
        start += step.used
        isHoldingBack = step.written == room.count
        if step.hasEnded { (state, isHoldingBack) = (.between, false) }
        return step.written
    }

    /// Reads more bytes and appends them to the bytes that are not decoded yet; returns false at the end of
    /// the input.
    private func readMore() throws(DecompressionFault) -> Bool {
        bytes.replaceSubrange(0..<end - start, with: Array(bytes[start..<end]))
        (start, end) = (0, end - start)
        let free = end..<bytes.count
        let count = unsafe bytes.withUnsafeMutableBytes { all in
            unsafe readOnce(descriptor, into: UnsafeMutableRawBufferPointer(rebasing: all[free]))
        }
        guard count >= 0 else { throw DecompressionFault(reason: lastSystemError()) }
        end += count
        return count > 0
    }
}
