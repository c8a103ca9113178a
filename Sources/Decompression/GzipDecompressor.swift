// SPDX-License-Identifier: MIT
// fetchpool

import CCodings

/// A decoder of gzip (RFC 1952).
///
/// Bounds of the unsafe code: zlib reads and writes only its own memory, the caller's two buffers and
/// `stream`. The buffers are valid during the call, and `stream` is valid as long as the decoder.
@safe
final class GzipDecompressor: StreamDecompressor {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    /// Creates a decoder; `nil` if there is no memory for it.
    init?() {
        unsafe stream.initialize(to: z_stream())
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(stream, MAX_WBITS + 16, ZLIB_VERSION, size) == Z_OK else {
            unsafe stream.deallocate()
            return nil
        }
    }

    deinit {
        unsafe _ = inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func decode(
        _ input: UnsafeRawBufferPointer,
        into room: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> DecompressionStep {
        let start = unsafe input.baseAddress?.assumingMemoryBound(to: Bytef.self)
        unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: start)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: Bytef.self)
        unsafe stream.pointee.avail_out = UInt32(room.count)
        let code = unsafe inflate(stream, Z_SYNC_FLUSH)
        let step = unsafe DecompressionStep(
            used: input.count - Int(stream.pointee.avail_in),
            written: room.count - Int(stream.pointee.avail_out),
            hasEnded: code == Z_STREAM_END
        )
        switch code {
        // After a buffer error, decoding can continue with more input or more space for output.
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: unsafe _ = inflateReset(stream)
        default:
            let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw DecompressionFault(
                reason: "its gzip data cannot be unpacked (\(message ?? "error \(code)"))"
            )
        }
        return step
    }
}
