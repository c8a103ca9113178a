// SPDX-License-Identifier: MIT
// fetchpool

/// A decoder that undoes one coding of a body, piece by piece.
protocol StreamDecoder: AnyObject {
    /// A function that receives decoded bytes, and returns false to end the decoding.
    ///
    /// The bytes are valid only during the call.
    typealias Output = (UnsafeRawBufferPointer) throws(DecodingFault) -> Bool

    /// True if the data may end here: no byte has arrived, or the last member or frame is complete.
    ///
    /// A member counts as complete even if its trailer is missing (`Inflater`).
    var mayEnd: Bool { get }

    /// Decodes the next piece and passes the decoded bytes to `output`.
    ///
    /// - Returns: False if `output` returned false.
    /// - Throws: `DecodingFault` if the data is invalid or memory runs out; also any error that `output`
    ///   throws.
    func decode(_ input: UnsafeRawBufferPointer, _ output: Output) throws(DecodingFault) -> Bool
}

/// The reason why a body could not be decoded.
struct DecodingFault: Error {
    /// The last part of the sentence that reports the fault.
    let reason: String
}

/// The output buffer of a decoder.
@safe
final class DecoderRoom {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

    deinit { unsafe bytes.deallocate() }

    /// Returns the first `count` bytes.
    func filled(_ count: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[..<count])
    }
}
