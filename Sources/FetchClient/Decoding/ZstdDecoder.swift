// SPDX-License-Identifier: MIT
// fetchpool

import CCodings

/// A decoder of `zstd` (RFC 8878) with any number of frames; bytes after the last frame are ignored.
///
/// Bounds of the unsafe code: zstd reads at most the bytes that its input structure names; the caller keeps
/// these bytes alive during the call. zstd writes at most the bytes of the output buffer.
@safe
final class ZstdDecoder: StreamDecoder {
    /// ZSTD_error_frameParameter_windowTooLarge of zstd_errors.h.
    private static let windowIsTooWide = 16
    /// The base-2 logarithm of the largest window, which is 8 MiB (RFC 9659 §3).
    private static let maxWindow: Int32 = 23

    private static let library: ccodings_zstd? = {
        var found = ccodings_zstd()
        return unsafe ccodings_find_zstd(&found) != 0 ? found : nil
    }()

    /// True if the functions of zstd were found.
    static var isAvailable: Bool { library != nil }

    private enum State {
        case start, inside
        /// A frame has ended; `head` holds bytes that may begin another frame.
        case between
        /// All further input is ignored.
        case over
    }

    private let functions: ccodings_zstd
    private let decoder: UnsafeMutableRawPointer
    private let room = DecoderRoom()
    private var state = State.start
    private var head: [UInt8] = []

    /// Creates a decoder; returns `nil` if the library is missing or memory runs out.
    init?() {
        guard let functions = Self.library, let decoder = functions.create() else { return nil }
        unsafe (self.functions, self.decoder) = (functions, decoder)
        unsafe _ = functions.limit(decoder, Int32(ccodings_zstd_max_window), Self.maxWindow)
    }

    deinit { unsafe _ = functions.destroy(decoder) }

    var mayEnd: Bool { state != .inside }

    func decode(_ input: UnsafeRawBufferPointer, _ output: Output) throws(DecodingFault) -> Bool {
        var next = 0
        while next < input.count {
            switch state {
            case .over: return true
            case .start: state = .inside
            case .between:
                unsafe head.append(input[next])
                next += 1
                guard Self.mayBeginFrame(head) else {
                    state = .over
                    continue
                }
                guard head.count == 4 else { continue }
                state = .inside
                let first = head
                head = []
                let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
                defer { unsafe copy.deallocate() }
                unsafe copy.copyBytes(from: first)
                guard try unsafe step(UnsafeRawBufferPointer(copy), output) != nil else { return false }
            case .inside:
                let rest = unsafe UnsafeRawBufferPointer(rebasing: input[next...])
                guard let count = try unsafe step(rest, output) else { return false }
                next += count
            }
        }
        return true
    }

    /// Returns true if the bytes may begin a frame or a skippable frame (RFC 8878 §3.1).
    private static func mayBeginFrame(_ head: [UInt8]) -> Bool {
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18]
        return frame.starts(with: head) || skipped.starts(with: [head[0] & 0xF0] + head.dropFirst())
    }

    /// Decodes until the input is used up or a frame ends.
    ///
    /// - Returns: The number of bytes used; `nil` if `output` returned false.
    private func step(_ input: UnsafeRawBufferPointer, _ output: Output) throws(DecodingFault) -> Int? {
        var source = unsafe ccodings_zstd_input(bytes: input.baseAddress, count: input.count, position: 0)
        while true {
            var target = unsafe ccodings_zstd_output(
                bytes: room.bytes.baseAddress,
                count: room.bytes.count,
                position: 0
            )
            let result = unsafe functions.decode(decoder, &target, &source)
            let (count, used) = unsafe (target.position, source.position)
            if count > 0, try unsafe !output(room.filled(count)) { return nil }
            guard functions.is_error(result) == 0 else {
                let isTooWide = 0 &- result == Self.windowIsTooWide
                throw DecodingFault(
                    reason: isTooWide
                        ? "its zstd data needs a window of more than 8 MiB" : "it is not valid zstd data"
                )
            }
            if result == 0 {
                state = .between
                return used
            }
            if unsafe count < room.bytes.count, used == input.count { return used }
        }
    }
}
