// SPDX-License-Identifier: MIT
// fetchpool

/// A decoder of any number of compressed streams, all of one format and one after the other.
///
/// The memory of a decoder has a limit that does not depend on the size of the data.
protocol StreamDecompressor: AnyObject {
    /// Decodes a part of `input` into `room`.
    ///
    /// If `room` is full after a call, the decoder may have more decoded bytes. A further call returns these
    /// bytes, even if `input` is empty.
    ///
    /// - Throws: `DecompressionFault` if the data is damaged.
    func decode(
        _ input: UnsafeRawBufferPointer,
        into room: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> DecompressionStep
}

/// The effect of one call of a decoder.
struct DecompressionStep {
    /// The number of bytes of the input that were used.
    var used: Int
    /// The number of bytes of the room that were filled.
    var written: Int
    /// True if a member (gzip) or a frame (zstd) has ended after the used bytes.
    var hasEnded: Bool
}
