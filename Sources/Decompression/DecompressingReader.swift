// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// Reads plain, gzip or zstd data from a file or pipe.
///
/// The reader does not close the descriptor.
package struct DecompressingReader {
    private enum State {
        /// Nothing was read yet.
        case new
        case plain
        case compressed(Decompressor)
    }

    private let descriptor: Int32
    private var state: State

    /// Creates a reader of a descriptor that is at the beginning of a file.
    ///
    /// If `isPlain` is true, nothing is decompressed.
    package init(_ descriptor: Int32, isPlain: Bool = false) {
        self.descriptor = descriptor
        state = isPlain ? .plain : .new
    }

    /// Fills a part of `room`; waits for input if there is none.
    ///
    /// At the first call, `room` should have at least `Compression.headBytes` bytes. With less room,
    /// compressed data can count as plain.
    ///
    /// - Returns: The number of bytes written to `room`; 0 only at the end of the input.
    /// - Throws: `DecompressionFault` if the input cannot be read or decompressed.
    package mutating func read(into room: UnsafeMutableRawBufferPointer) throws(DecompressionFault) -> Int {
        switch state {
        case .new: try unsafe begin(room)
        case .plain: try unsafe readPlain(room)
        case .compressed(let decompressor): try unsafe decompressor.read(into: room)
        }
    }

    private func readPlain(_ room: UnsafeMutableRawBufferPointer) throws(DecompressionFault) -> Int {
        let count = unsafe readOnce(descriptor, into: room)
        guard count >= 0 else { throw DecompressionFault(reason: lastSystemError()) }
        return count
    }

    /// Reads until the first bytes show whether the input is compressed; input that is too short to show this
    /// counts as plain.
    private mutating func begin(_ room: UnsafeMutableRawBufferPointer) throws(DecompressionFault) -> Int {
        var filled = 0
        while true {
            let count = try unsafe readPlain(UnsafeMutableRawBufferPointer(rebasing: room[filled...]))
            filled += count
            let head = unsafe UnsafeMutableRawBufferPointer(rebasing: room[..<filled])
            switch unsafe Compression.verdict(on: Array(head.prefix(Compression.headBytes))) {
            case .undecided where count > 0 && filled < room.count: continue
            case .undecided, .plain:
                state = .plain
                return filled
            case .compressed(let format):
                let decompressor = unsafe Decompressor(format, descriptor: descriptor, head: Array(head))
                state = .compressed(decompressor)
                return try unsafe decompressor.read(into: room)
            }
        }
    }
}
