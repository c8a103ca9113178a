// SPDX-License-Identifier: MIT
// fetchpool

import CCodings

/// Encoded bodies for tests.
enum Coded {
    static func gzip(_ bytes: [UInt8]) -> [UInt8] { deflated(bytes, windowBits: MAX_WBITS + 16) }
    static func gzip(_ text: String) -> [UInt8] { gzip(Array(text.utf8)) }
    static func zlib(_ text: String) -> [UInt8] { deflated(Array(text.utf8), windowBits: MAX_WBITS) }
    static func rawDeflate(_ text: String) -> [UInt8] { deflated(Array(text.utf8), windowBits: -MAX_WBITS) }

    /// The text `hello brotli `, three times, encoded with brotli.
    static let brotli: [UInt8] = [
        27, 38, 0, 248, 29, 169, 83, 159, 187, 112, 45, 86, 134, 38, 39, 65, 216, 232, 146, 45, 237, 45, 136,
        138, 6, 102, 102, 252, 2,
    ]
    /// The text `hello zstd `, twice, encoded with zstd.
    static let zstd: [UInt8] = [
        40, 181, 47, 253, 4, 88, 141, 0, 0, 88, 104, 101, 108, 108, 111, 32, 122, 115, 116, 100, 32, 1, 0, 54,
        138, 23, 75, 4, 67, 35,
    ]

    /// Returns `bytes`, compressed by zlib; `windowBits` chooses the format, as in deflateInit2.
    ///
    /// Bounds of the unsafe code: zlib gets the sizes of both buffers, and the output has space for the worst
    /// case.
    private static func deflated(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = unsafe z_stream()
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        unsafe deflateInit2_(&stream, 9, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        defer { unsafe deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 1_000)
        let count = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.next_in = source.baseAddress
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress
                unsafe stream.avail_out = UInt32(target.count)
                unsafe deflate(&stream, Z_FINISH)
                return unsafe target.count - Int(stream.avail_out)
            }
        }
        return Array(output[..<count])
    }
}
