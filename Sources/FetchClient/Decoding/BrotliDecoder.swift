// SPDX-License-Identifier: MIT
// fetchpool

import CCodings

/// Undoes `br` (RFC 7932); what stands behind the end of the data is passed over.
///
/// Bounds of the unsafe code here: brotli reads as many bytes as the input has, all of which are the caller's for the length of the
/// call, and writes as many as the room has.
@safe
final class BrotliDecoder: StreamDecoder {
    private static let library: ccodings_brotli? = {
        var found = ccodings_brotli()
        return unsafe ccodings_find_brotli(&found) != 0 ? found : nil
    }()

    /// True if brotli is loaded.
    static var isAvailable: Bool { library != nil }

    private let functions: ccodings_brotli
    private let decoder: UnsafeMutableRawPointer
    private let room = DecoderRoom()
    private var isOver = false
    private var hasBegun = false

    /// Makes a decoder; nil without memory.
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
            default: throw DecodingFault(reason: "it is no brotli")
            }
        }
    }
}
