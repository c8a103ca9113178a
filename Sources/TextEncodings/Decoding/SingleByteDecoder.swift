// SPDX-License-Identifier: MIT
// fetchpool

/// The decoder of the single-byte encodings (Encoding Standard §9.1) and of x-user-defined (§14.5.1).
struct SingleByteDecoder: LegacyDecoder {
    /// The scalars of the bytes from 0x80 on.
    private let scalars: [UInt32]

    /// Creates the decoder of `encoding`; `nil` unless each character of `encoding` has exactly one byte.
    init?(_ encoding: TextEncoding) {
        guard let scalars = encoding.highScalars else { return nil }
        self.scalars = scalars.map { $0 == 0 ? replacementScalar : $0 }
    }

    @inline(__always)
    func character(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32, end: Int) {
        (scalars[Int(bytes[position]) - 0x80], position + 1)
    }
}
