// SPDX-License-Identifier: MIT
// fetchpool

import TestThreads
import Testing
import TextEncodings

/// Tests all sequences of two bytes in each encoding except `replacement`, and longer sequences in some
/// encodings.
///
/// The numbers are fingerprints of the output of encoding_rs, Firefox's decoders, for these sequences. For
/// the 18 sequences whose scalars GB 18030 changed in 2022, the fingerprints use the new scalars.
@Suite(.ownThread)
struct IndexTests {
    private static let fingerprints: [(TextEncoding, UInt64)] = [
        (.utf8, 0x1CE027166D6188A5),
        (.ibm866, 0xECAA19B26981E271),
        (.iso8859Part2, 0x1D216D4A2AC0F54D),
        (.iso8859Part3, 0x257F727D0E576607),
        (.iso8859Part4, 0x9FE2F043808140A5),
        (.iso8859Part5, 0x4AEAD601852ADFBF),
        (.iso8859Part6, 0xE79D3C8669C36DF1),
        (.iso8859Part7, 0xCB7E3826A7ED9B19),
        (.iso8859Part8, 0x8F309966C5663349),
        (.iso8859Part8I, 0x8F309966C5663349),
        (.iso8859Part10, 0xEC83669000629385),
        (.iso8859Part13, 0x001C69B9F0A94561),
        (.iso8859Part14, 0x05C3E3FB3254D04D),
        (.iso8859Part15, 0xC75C62C329A70443),
        (.iso8859Part16, 0x3EED11CA5D4D1B17),
        (.koi8R, 0xC8D57D60C2B34075),
        (.koi8U, 0x175EDCBEB94293C1),
        (.macintosh, 0x44D4149C7035E495),
        (.windows874, 0x922130BEA526C371),
        (.windows1250, 0xCCB62389DADAED69),
        (.windows1251, 0xE39B9851124C9101),
        (.windows1252, 0x176FB1FC3C86E98F),
        (.windows1253, 0xE2F306782A05D6A9),
        (.windows1254, 0x63C1A2D59E90465D),
        (.windows1255, 0x2CD007EF217DDC79),
        (.windows1256, 0xC057CA3E4CD47091),
        (.windows1257, 0x14CFD9DBB752DCA5),
        (.windows1258, 0x0947AA8E035E0645),
        (.macCyrillic, 0x771D8D3839DD1E35),
        (.gbk, 0x72AA854DFBA13B81),
        (.gb18030, 0x72AA854DFBA13B81),
        (.big5, 0x75532B21BAC2708C),
        (.eucJP, 0xFF7D17B4653ADAAD),
        (.iso2022JP, 0x22970E4EC160A693),
        (.shiftJIS, 0xE8A31F921F6BA9E1),
        (.eucKR, 0x2ED51D2CFE143898),
        (.utf16BE, 0x9161FDFE472528A5),
        (.utf16LE, 0xC9EABB4C210F7265),
        (.xUserDefined, 0x391EB73BBBF3A625),
    ]

    @Test(arguments: fingerprints)
    func eachSequenceDecodesAsTheStandardSays(encoding: TextEncoding, fingerprint: UInt64) {
        #expect(Self.fingerprint(encoding.decode(Self.sequences(of: encoding))) == fingerprint)
    }

    @Test func eachEncodingButReplacementIsTested() {
        #expect(Set(Self.fingerprints.map(\.0)).union([.replacement]) == Set(TextEncoding.allCases))
    }

    /// Returns the sequences; one or two bytes 0x0A follow each sequence of two or three bytes.
    ///
    /// In ISO-2022-JP, the escape byte occurs only in the five sequences that select a set.
    private static func sequences(of encoding: TextEncoding) -> [UInt8] {
        switch encoding {
        case .utf16BE, .utf16LE: pairs(ending: [0x0A, 0x0A])
        case .iso2022JP:
            ["(B", "(J", "(I", "$@", "$B"].flatMap { set in
                [0x1B] + Array(set.utf8) + pairs(ending: [0x0A]).filter { $0 != 0x1B }
            }
        case .eucJP: pairs(ending: [0x0A]) + pairs(beginning: [0x8F], ending: [0x0A])
        case .gbk, .gb18030: pairs(ending: [0x0A]) + fourBytes
        default: pairs(ending: [0x0A])
        }
    }

    private static func pairs(beginning: [UInt8] = [], ending: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        for first in 0...0xFF as ClosedRange<UInt8> {
            for second in 0...0xFF as ClosedRange<UInt8> { bytes += beginning + [first, second] + ending }
        }
        return bytes
    }

    private static var fourBytes: [UInt8] {
        var bytes: [UInt8] = []
        for first in [0x81, 0x82, 0x83, 0x84, 0x90, 0xE3] as [UInt8] {
            for second in 0x30...0x39 as ClosedRange<UInt8> {
                for third in 0x81...0xFE as ClosedRange<UInt8> {
                    for fourth in 0x30...0x39 as ClosedRange<UInt8> {
                        bytes += [first, second, third, fourth]
                    }
                }
            }
        }
        return bytes
    }

    /// Returns the FNV-1a hash with 64 bits.
    private static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
