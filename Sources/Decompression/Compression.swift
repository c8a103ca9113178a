// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A format of compressed files, recognised by their first bytes.
package enum Compression: String, Sendable {
    case gzip, zstd
    /// A format that is recognised and refused.
    case xz, bzip2, lz4, zip, parquet

    /// The result of a check of the first bytes of a file.
    package enum Verdict: Hashable, Sendable {
        /// The file is compressed in this format.
        case compressed(Compression)
        /// The file has none of the formats.
        case plain
        /// More bytes are needed.
        case undecided
    }

    /// The number of first bytes that are always enough for a verdict.
    static let headBytes = 10

    /// The first bytes of each format.
    ///
    /// For gzip, see RFC 1952 §2.3.1; for zstd, RFC 8878 §3.1.1; for xz, §2.1.1.1 of its file format; for
    /// ZIP, §4.3.7 of its application note; for lz4, "General Structure of LZ4 Frame format" and "Legacy
    /// frame". After `BZh` and the level, bzip2 has the bytes 31 41 59 26 53 59, the first digits of π; as
    /// text they are `1AY&SY`. After `PAR1`, a Parquet file has a field of type i32 in the compact protocol
    /// of Thrift, whose header is the byte 0x15. The bytes of gzip, zstd and xz are not valid UTF-8. No task
    /// begins with the bytes of the other formats.
    private static let magics: [(Compression, [UInt8])] = {
        var magics: [(Compression, [UInt8])] = [
            (.gzip, [0x1F, 0x8B]), (.zstd, [0x28, 0xB5, 0x2F, 0xFD]),
            (.xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]), (.zip, [0x50, 0x4B, 0x03, 0x04]),
            (.lz4, [0x04, 0x22, 0x4D, 0x18]), (.lz4, [0x02, 0x21, 0x4C, 0x18]),
            (.parquet, [0x50, 0x41, 0x52, 0x31, 0x15]),
        ]
        for level in 1...9 { magics.append((.bzip2, Array("BZh\(level)1AY&SY".utf8))) }
        return magics
    }()

    /// Returns the verdict on a file that begins with the bytes `head`; ten bytes are always enough.
    ///
    /// RFC 8878 §3.1.2 defines the first bytes of the skippable frames of zstd.
    package static func verdict(on head: some Collection<UInt8>) -> Verdict {
        for (format, magic) in magics where magic.starts(with: head.prefix(magic.count)) {
            return head.count < magic.count ? .undecided : .compressed(format)
        }
        let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18]
        if let first = head.first, skipped.starts(with: [first & 0xF0] + head.dropFirst().prefix(3)) {
            return head.count < skipped.count ? .undecided : .compressed(.zstd)
        }
        return head.isEmpty ? .undecided : .plain
    }

    /// Returns the format of the data at the current offset of a regular file; `nil` if the data is plain, is
    /// too short for a verdict, or cannot be read.
    ///
    /// The offset of the descriptor does not change.
    package static func format(of descriptor: Int32) -> Compression? {
        var head = [UInt8](repeating: 0, count: headBytes)
        let count = unsafe pread(descriptor, &head, head.count, lseek(descriptor, 0, SEEK_CUR))
        guard count > 0, case .compressed(let format) = verdict(on: head[..<count]) else { return nil }
        return format
    }

    /// The reason why data in this format is refused, and advice to the user; `nil` if the format can be
    /// decompressed.
    var refusal: DecompressionFault? {
        switch self {
        case .gzip, .zstd: nil
        case .xz, .bzip2, .lz4:
            DecompressionFault(
                reason: "it is compressed with \(rawValue); give the output of \(rawValue) -dc"
            )
        case .zip:
            DecompressionFault(
                reason:
                    "it is a ZIP archive; give the output of unzip -p, or, if it is a spreadsheet, save it as CSV"
            )
        case .parquet:
            DecompressionFault(reason: "it is a Parquet file; convert it to lines of JSON or to CSV")
        }
    }
}

/// The reason why input could not be read.
package struct DecompressionFault: Error, Hashable, Sendable {
    /// The reason, which completes "cannot read FILE: …".
    package let reason: String
}
