// SPDX-License-Identifier: MIT
// fetchpool

/// A decoder of consecutive compressed streams of one format.
protocol StreamDecompressor: AnyObject {
    /// Decodes a part of `input` into `room`.
    ///
    /// If `room` is full after a call, the decoder may have more decoded bytes. A further call returns these
    /// bytes, even if `input` is empty.
    ///
    /// - Throws: `DecompressionFault` if the data cannot be decompressed.
    func decode(
        _ input: UnsafeRawBufferPointer,
        into room: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> DecompressionStep
}

/// The effect of one call of a decoder.
struct DecompressionStep {
    /// The number of bytes of `input` that were used.
    var used: Int
    /// The number of bytes that were written to `room`.
    var written: Int
    /// True if a member (gzip) or a frame (zstd) has ended after the used bytes.
    var hasEnded: Bool
}
