// SPDX-License-Identifier: MIT
// fetchpool

import CCodings

/// A decoder of zstd (RFC 8878).
///
/// The decoder loads the system's libzstd at the first use. A frame can have a window of up to 128 MiB, the
/// default limit of the tool zstd.
///
/// Bounds of the unsafe code: zstd reads and writes only its own memory and the caller's buffers, which are
/// valid during the call.
@safe
final class ZstdDecompressor: StreamDecompressor {
    private static let library: ccodings_zstd? = {
        var found = ccodings_zstd()
        guard ccodings_load_zstd() != 0 else { return nil }
        return unsafe ccodings_find_zstd(&found) != 0 ? found : nil
    }()

    /// True if libzstd was loaded and has all functions of `ccodings_zstd`.
    static var isAvailable: Bool { library != nil }

    private let functions: ccodings_zstd
    private let decoder: UnsafeMutableRawPointer

    /// Creates a decoder; `nil` if the library or memory is missing.
    init?() {
        guard let functions = Self.library, let decoder = functions.create() else { return nil }
        unsafe (self.functions, self.decoder) = (functions, decoder)
    }

    deinit { unsafe _ = functions.destroy(decoder) }

    func decode(
        _ input: UnsafeRawBufferPointer,
        into room: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> DecompressionStep {
        var source = unsafe ccodings_zstd_input(bytes: input.baseAddress, count: input.count, position: 0)
        var target = unsafe ccodings_zstd_output(bytes: room.baseAddress, count: room.count, position: 0)
        let result = unsafe functions.decode(decoder, &target, &source)
        guard functions.is_error(result) == 0 else {
            let name = unsafe functions.error_name(result).map { unsafe String(cString: $0) }
            throw Self.fault(name ?? "unknown error")
        }
        return unsafe DecompressionStep(
            used: source.position,
            written: target.position,
            hasEnded: result == 0
        )
    }

    /// Returns the fault for `name`, an error text of libzstd.
    private static func fault(_ name: String) -> DecompressionFault {
        if name.hasPrefix("Frame requires too much memory") {
            return DecompressionFault(
                reason:
                    "its zstd data needs a window of more than 128 MiB; give the output of zstd -dc --long=31"
            )
        }
        return DecompressionFault(reason: "its zstd data cannot be unpacked (\(name))")
    }
}
