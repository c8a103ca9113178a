// SPDX-License-Identifier: MIT
// fetchpool

import Decompression
import Glibc
import Platform
import PoolWire

/// A reader of one input, which recognises gzip and zstd by the first bytes and decompresses them.
struct InputReader {
    /// The outcome of one read.
    enum Reading: Hashable {
        /// Bytes have arrived; there may be a line.
        case some
        /// The input has ended.
        case end
        /// The input cannot be read further, for a reason that completes "cannot read FILE: …".
        case failed(String)
    }

    private enum State {
        /// Nothing was read yet.
        case new
        case plain
        case compressed(Decompressor)
    }

    private let descriptor: Int32
    private var state = State.new

    /// The smallest memory for one read, in bytes.
    private static let readBytes = 64 << 10

    /// Creates a reader of a descriptor that is at the beginning of an input.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// True if the input is compressed; false before the first read.
    var isCompressed: Bool {
        if case .compressed = state { true } else { false }
    }

    /// Reads available bytes into the framer; waits for the first byte if there are none.
    mutating func fill(_ framer: inout LineFramer) -> Reading {
        switch state {
        case .new: begin(&framer)
        case .plain: fillPlain(&framer)
        case .compressed(let decompressor): Self.fill(&framer, from: decompressor)
        }
    }

    private func fillPlain(_ framer: inout LineFramer) -> Reading {
        switch framer.fill(from: descriptor) {
        case .some: .some
        case .end: .end
        case .failed(let number): .failed(systemError(number))
        }
    }

    private static func fill(_ framer: inout LineFramer, from decompressor: Decompressor) -> Reading {
        var fault: DecompressionFault?
        let count = unsafe framer.fill(room: readBytes) { room in
            do throws(DecompressionFault) {
                return try unsafe decompressor.read(into: room)
            } catch {
                fault = error
                return 0
            }
        }
        if let fault { return .failed(fault.reason) }
        return count > 0 ? .some : .end
    }

    /// Reads until the first bytes show the form of the input.
    ///
    /// The function waits for more bytes only while the bytes so far can begin compressed data.
    private mutating func begin(_ framer: inout LineFramer) -> Reading {
        var head: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: Self.readBytes)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe readOnce(descriptor, into: $0) }
            if count < 0 { return .failed(lastSystemError()) }
            head += piece[..<count]
            switch Compression.verdict(on: head.prefix(4)) {
            case .undecided where count > 0: continue
            case .undecided, .plain:
                state = .plain
                framer.append(head)
                return head.isEmpty ? .end : .some
            case .compressed(let format):
                let decompressor = Decompressor(format, descriptor: descriptor, head: head)
                state = .compressed(decompressor)
                return Self.fill(&framer, from: decompressor)
            }
        }
    }
}
