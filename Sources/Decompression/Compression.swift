// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A format of compressed files, recognised by their first bytes.
package enum Compression: String, Sendable {
    case gzip, zstd

    /// The result of a look at the first bytes of a file.
    package enum Verdict: Hashable, Sendable {
        /// The file is compressed in this format.
        case compressed(Compression)
        /// The file has none of the formats.
        case plain
        /// More bytes are needed.
        case undecided
    }

    /// Returns the verdict on a file that begins with the bytes `head`; four bytes are always enough.
    ///
    /// RFC 1952 §2.3.1 defines the first bytes of gzip. RFC 8878 §3.1 defines the first bytes of zstd and of
    /// its skippable frames. No UTF-8 text without control characters begins with these bytes.
    package static func verdict(on head: some Collection<UInt8>) -> Verdict {
        let magics: [(Compression, [UInt8])] = [(.gzip, [0x1F, 0x8B]), (.zstd, [0x28, 0xB5, 0x2F, 0xFD])]
        for (format, magic) in magics where magic.starts(with: head.prefix(magic.count)) {
            return head.count < magic.count ? .undecided : .compressed(format)
        }
        let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18]
        if let first = head.first, skipped.starts(with: [first & 0xF0] + head.dropFirst().prefix(3)) {
            return head.count < skipped.count ? .undecided : .compressed(.zstd)
        }
        return head.isEmpty ? .undecided : .plain
    }

    /// Returns the format of the data at the current offset of a regular file; `nil` if the data is plain or
    /// cannot be read.
    ///
    /// The offset of the descriptor does not change.
    package static func format(of descriptor: Int32) -> Compression? {
        var head = [UInt8](repeating: 0, count: 4)
        let count = unsafe pread(descriptor, &head, head.count, lseek(descriptor, 0, SEEK_CUR))
        guard count > 0, case .compressed(let format) = verdict(on: head[..<count]) else { return nil }
        return format
    }
}

/// The reason why input could not be read.
package struct DecompressionFault: Error, Hashable, Sendable {
    /// The reason, which completes "cannot read FILE: …".
    package let reason: String
}
