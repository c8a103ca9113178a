// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

@Suite struct SystemTextTests {
    @Test(
        arguments: [
            [], Array("plain".utf8), Array("café 日本 👩".utf8), [0xE9], [0x63, 0x61, 0x66, 0xE9],
            [0xFF, 0xFE, 0x80, 0x41], [0xE2, 0x82], [0xF4, 0x8F, 0xBF, 0xA9], [0xF4, 0x8F, 0xBE, 0x80, 0xE9],
            [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xF4, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBD, 0xBF],
        ] as [[UInt8]]
    )
    func everyNameKeepsItsBytes(bytes: [UInt8]) {
        let text = String(systemBytes: bytes)
        #expect(text.systemBytes == bytes)
        #expect(text.systemPath == bytes.map { CChar(bitPattern: $0) } + [0])
    }

    @Test func eachByteIsKeptBetweenOtherBytes() {
        for byte in UInt8.min...UInt8.max {
            for bytes in [[byte], [0x61, byte, 0x62], [byte, byte], [0xE2, byte, 0x82]] {
                #expect(String(systemBytes: bytes).systemBytes == bytes)
            }
        }
    }

    @Test func ordinaryTextHasNoEscapesUnlikeInvalidBytes() {
        #expect(String(systemBytes: Array("naïve".utf8)) == "naïve")
        #expect(!"naïve \u{10FF7F} \u{F0000}".hasSystemEscapes)
        #expect(String(systemBytes: [0x61, 0xE9]).hasSystemEscapes)
        #expect(String(systemBytes: [0x61, 0xE9]) != String(systemBytes: [0x61, 0xE8]))
    }
}
