// SPDX-License-Identifier: MIT
// fetchpool

/// A decoder that undoes all codings of one body, in reverse order.
final class BodyDecoder {
    private let stages: [any StreamDecoder]
    /// The largest number of bytes of one body that may pass between stages; all stages share this limit.
    private let maxBytes: Int
    private var passed = 0
    /// The number of encoded bytes received, including the current piece.
    private(set) var receivedBytes = 0
    /// True if the rest of the body is only counted, not decoded.
    var isGivenUp = false

    /// Creates a decoder for `codings`, in the order in which the server applied them.
    ///
    /// - Throws: `DecodingFault` if there are more than `BodyCodings.most` codings, or memory runs out.
    init(_ codings: [ContentCoding], maxBytes: Int) throws(DecodingFault) {
        guard codings.count <= BodyCodings.most else {
            throw DecodingFault(reason: "it has more than \(BodyCodings.most) codings")
        }
        self.maxBytes = maxBytes
        stages = codings.reversed().compactMap { $0.decoder() }
        guard stages.count == codings.count else { throw DecodingFault(reason: "there is no memory for it") }
    }

    /// True if the bytes so far can be the whole body, or if decoding was given up.
    var isWhole: Bool { isGivenUp || stages.allSatisfy(\.mayEnd) }

    /// Decodes the next piece of the body.
    ///
    /// - Returns: False if `output` returned false.
    /// - Throws: `DecodingFault` if the data is invalid, if memory runs out, or if more than `maxBytes` bytes
    ///   pass between stages; also any error that `output` throws.
    func decode(_ piece: UnsafeRawBufferPointer, _ output: StreamDecoder.Output) throws(DecodingFault) -> Bool
    {
        receivedBytes += piece.count
        return isGivenUp ? true : try unsafe pass(piece, to: 0, output)
    }

    private func pass(
        _ piece: UnsafeRawBufferPointer,
        to stage: Int,
        _ output: StreamDecoder.Output
    ) throws(DecodingFault) -> Bool {
        guard stage < stages.count else { return try unsafe output(piece) }
        if stage > 0 {
            passed += piece.count
            guard passed <= maxBytes else {
                throw DecodingFault(reason: "the data between its codings is larger than the limit")
            }
        }
        return try unsafe stages[stage].decode(piece) { (decoded) throws(DecodingFault) in
            try unsafe self.pass(decoded, to: stage + 1, output)
        }
    }
}
