// SPDX-License-Identifier: MIT
// fetchpool

/// Undoes one coding of a body, piece by piece.
protocol StreamDecoder: AnyObject {
    /// Takes decoded bytes, which live for the length of the call; false ends the decoding.
    typealias Output = (UnsafeRawBufferPointer) throws(DecodingFault) -> Bool

    /// True if the data may end here: nothing has come, or all that began has ended.
    var mayEnd: Bool { get }

    /// Decodes the next piece, and hands over what comes out of it.
    ///
    /// - Returns: False if `output` did.
    /// - Throws: `DecodingFault` if the data are not of the coding, or what `output` throws.
    func decode(_ input: UnsafeRawBufferPointer, _ output: Output) throws(DecodingFault) -> Bool
}

/// Why a body could not be decoded.
struct DecodingFault: Error {
    /// The end of a sentence.
    let reason: String
}

/// Where decoders lay their output.
@safe
final class DecoderRoom {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

    deinit { unsafe bytes.deallocate() }

    /// The first bytes.
    func filled(_ count: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[..<count])
    }
}
