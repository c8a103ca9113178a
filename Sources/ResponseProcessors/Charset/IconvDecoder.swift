// SPDX-License-Identifier: MIT
// fetchpool

import CXML
import Glibc

/// Decodes with the C library's tables.
///
/// Bounds of the unsafe code here: `iconv` moves both pointers within the counts given to it; `output` has its own count; the
/// descriptor is closed once, on every way out.
enum IconvDecoder {
    /// What `iconv` returns when it stopped early: (size_t)-1.
    private static let failure = Int(bitPattern: .max)

    /// The text as UTF-8, with U+FFFD for each byte that does not fit and for zero bytes; `nil` if the C library does not know the
    /// charset called `name`.
    static func decode(_ bytes: [UInt8], from name: String) -> [UInt8]? {
        let descriptor = unsafe iconv_open("UTF-8", name)
        // iconv_open(3): (iconv_t)-1 is its failure.
        guard Int(bitPattern: descriptor) != -1 else {
            // Another charset would be taken in its place, and the text be wrong.
            if errno == ENOMEM { fatalError("no memory is left for the charset \(name)") }
            return nil
        }
        defer { unsafe _ = iconv_close(descriptor) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: 32 << 10)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 2)
        unsafe input.withUnsafeMutableBytes { source in
            var next = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self)
            var left = source.count
            while left > 0 {
                let (result, written) = unsafe output.withUnsafeMutableBytes { room in
                    var end = unsafe room.baseAddress?.assumingMemoryBound(to: CChar.self)
                    var free = room.count
                    let result = unsafe iconv(descriptor, &next, &left, &end, &free)
                    return (result, room.count - free)
                }
                let cause = errno
                append(output[..<written], to: &text)
                guard result == failure, cause != E2BIG else { continue }
                // A byte that fits nowhere, or a character cut off by the end.
                text.append(contentsOf: "\u{FFFD}".utf8)
                guard cause == EILSEQ else { break }
                unsafe next = next?.advanced(by: 1)
                left -= 1
            }
        }
        return text
    }

    private static func append(_ part: ArraySlice<UInt8>, to text: inout [UInt8]) {
        guard part.contains(0) else { return text.append(contentsOf: part) }
        for byte in part {
            if byte == 0 { text.append(contentsOf: "\u{FFFD}".utf8) } else { text.append(byte) }
        }
    }
}
