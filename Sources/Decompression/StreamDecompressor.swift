// SPDX-License-Identifier: MIT
// fetchpool

/// A decoder of one compressed stream after another of the same format.
///
/// Memory does not grow with the data, however large they become.
protocol StreamDecompressor: AnyObject {
    /// Decodes a part of `input` into `room`.
    ///
    /// The decoder may hold decoded bytes back while `room` is filled to its end; another call with an empty
    /// `input` gets these bytes.
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
