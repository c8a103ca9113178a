// SPDX-License-Identifier: MIT
// fetchpool

import CCodings

/// A decoder of `br` (RFC 7932) that ignores bytes after the end of the data.
///
/// Bounds of the unsafe code: brotli reads at most the bytes of the input; the caller keeps the input alive
/// during the call. brotli writes at most the bytes of the output buffer.
@safe
final class BrotliDecoder: StreamDecoder {
    private static let library: ccodings_brotli? = {
        var found = ccodings_brotli()
        return unsafe ccodings_find_brotli(&found) != 0 ? found : nil
    }()

    /// True if the functions of brotli were found.
    static var isAvailable: Bool { library != nil }

    private let functions: ccodings_brotli
    private let decoder: UnsafeMutableRawPointer
    private let room = DecoderRoom()
    private var isOver = false
    private var hasBegun = false

    /// Creates a decoder; returns `nil` if the library is missing or memory runs out.
    init?() {
        guard let functions = Self.library, let decoder = functions.create(nil, nil, nil) else {
            return nil
        }
        unsafe (self.functions, self.decoder) = (functions, decoder)
    }

    deinit { unsafe functions.destroy(decoder) }

    var mayEnd: Bool { isOver || !hasBegun }

    func decode(_ input: UnsafeRawBufferPointer, _ output: Output) throws(DecodingFault) -> Bool {
        guard !isOver, unsafe !input.isEmpty else { return true }
        hasBegun = true
        var next = unsafe input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var left = input.count
        while true {
            var target = unsafe room.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            var space = unsafe room.bytes.count
            let result = unsafe functions.decode(decoder, &left, &next, &space, &target, nil)
            let count = unsafe room.bytes.count - space
            if count > 0, try unsafe !output(room.filled(count)) { return false }
            switch Int(result) {
            case ccodings_brotli_success:
                isOver = true
                return true
            case ccodings_brotli_wants_input: return true
            case ccodings_brotli_has_output: break
            default: throw DecodingFault(reason: "it is not valid brotli data")
            }
        }
    }
}
