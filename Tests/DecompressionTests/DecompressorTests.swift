// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import Testing

@testable import Decompression

@Suite struct DecompressorTests {
    private let folder = TestFolder()

    /// Decompresses `bytes`, and reads at most `room` bytes of the result at a time.
    ///
    /// The decompressor gets the first `head` bytes in memory, and the other bytes in a file.
    private func decompressed(
        _ format: Compression,
        _ bytes: [UInt8],
        head: Int = 4,
        room: Int = 1_000
    ) throws -> (bytes: [UInt8], fault: String?) {
        let file = unsafe open(
            try folder.write(Array(bytes.dropFirst(head)), to: "rest"),
            O_RDONLY | O_CLOEXEC
        )
        defer { close(file) }
        let decompressor = Decompressor(format, descriptor: file, head: bytes.prefix(head))
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: room)
        do {
            while true {
                let count = try unsafe piece.withUnsafeMutableBytes { try unsafe decompressor.read(into: $0) }
                if count == 0 { return (all, nil) }
                all += piece[..<count]
            }
        } catch let fault as DecompressionFault {
            return (all, fault.reason)
        }
    }

    private static let text = Array((1...30_000).map { "http://host/\($0)\n" }.joined().utf8)

    @Test(arguments: [1, 7, 1_000, 1 << 20])
    func membersAndFramesFollowEachOther(room: Int) throws {
        let text = Array(Self.text.prefix(room * 20_000))
        let parts = [Compressed.gzip(text), Compressed.zstd(text), Compressed.gzip([]), Compressed.zstd([])]
        let skipped: [UInt8] = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        for (format, bytes, copies) in [
            (Compression.gzip, parts[0], 1), (.zstd, parts[1], 1), (.gzip, parts[0] + parts[0], 2),
            (.zstd, parts[1] + parts[1], 2), (.gzip, parts[2] + parts[0] + parts[3] + parts[1], 2),
            (.zstd, skipped + parts[1] + skipped, 1),
            (.gzip, parts[0] + [UInt8](repeating: 0, count: 99_999), 1),
            (.gzip, parts[2], 0), (.zstd, parts[3], 0),
        ] {
            for head in [4, min(bytes.count, 70_000)] {
                let (all, fault) = try decompressed(format, bytes, head: head, room: room)
                #expect(fault == nil)
                #expect(all == (0..<copies).reduce(into: []) { whole, _ in whole += text })
            }
        }
    }

    @Test(arguments: [Compression.gzip, .zstd])
    func dataThatEndsEarlyIsAFaultAfterTheBytesThatCame(format: Compression) throws {
        let text = Array(Self.text.prefix(500))
        let whole = format == .gzip ? Compressed.gzip(text) : Compressed.zstd(text)
        for count in 4..<whole.count {
            let (all, fault) = try decompressed(format, Array(whole.prefix(count)))
            #expect(fault == "its \(format.rawValue) data ends early", "\(count)")
            #expect(text.starts(with: all))
        }
        #expect(try decompressed(format, whole + whole.dropLast()).bytes.count >= text.count)
    }

    @Test func damagedDataIsAFaultThatSaysWhatIsWrong() throws {
        var bytes = Compressed.gzip(Self.text)
        bytes[bytes.count - 7] ^= 1
        #expect(
            try decompressed(.gzip, bytes).fault == "its gzip data cannot be unpacked (incorrect data check)"
        )
        bytes = Compressed.gzip(Self.text)
        bytes[10] = 7
        #expect(try decompressed(.gzip, bytes).fault?.hasPrefix("its gzip data cannot be unpacked (") == true)
        var frame = Compressed.zstd(Self.text)
        frame[6] |= 6
        #expect(try decompressed(.zstd, frame).fault?.hasPrefix("its zstd data cannot be unpacked (") == true)
    }

    @Test func aZstdWindowThatIsTooLargeIsAFaultThatSaysWhatToDo() throws {
        // The window has 2^31 bytes, and the frame has one empty block.
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 21 << 3, 1, 0, 0]
        #expect(
            try decompressed(.zstd, frame).fault
                == "its zstd data needs a window of more than 128 MiB; give the output of zstd -dc --long=31"
        )
    }

    @Test(arguments: [[0x68], [0x28], [0, 0, 1], [0x1F, 0x8C], [0x28, 0xB5, 0x2F, 0xFC]] as [[UInt8]])
    func otherBytesAfterTheDataAreAFault(stray: [UInt8]) throws {
        for (format, bytes) in [(Compression.gzip, Compressed.gzip([1])), (.zstd, Compressed.zstd([1]))] {
            let (all, fault) = try decompressed(format, bytes + stray)
            #expect(all == [1])
            let name = format.rawValue
            let message =
                stray.first == 0
                ? "zeros follow its \(name) data, and other bytes follow the zeros"
                : "bytes that are neither gzip nor zstd follow its \(name) data"
            #expect(fault == message)
        }
    }

    @Test func firstBytesDecideTheFormat() {
        #expect(Compression.verdict(on: []) == .undecided)
        #expect(Compression.verdict(on: [0x1F]) == .undecided)
        #expect(Compression.verdict(on: [0x1F, 0x8B]) == .compressed(.gzip))
        #expect(Compression.verdict(on: [0x28, 0xB5, 0x2F]) == .undecided)
        #expect(Compression.verdict(on: [0x28, 0xB5, 0x2F, 0xFD]) == .compressed(.zstd))
        #expect(Compression.verdict(on: [0x53, 0x2A, 0x4D, 0x18]) == .compressed(.zstd))
        #expect(Compression.verdict(on: Array("(a".utf8)) == .plain)
        #expect(Compression.verdict(on: Array("P*M".utf8)) == .undecided)
        #expect(Compression.verdict(on: Array("P*Ma".utf8)) == .plain)
        #expect(Compression.verdict(on: Array("http".utf8)) == .plain)
        #expect(Compression.verdict(on: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) == .compressed(.xz))
        #expect(Compression.verdict(on: Array("PK\u{3}\u{4}".utf8)) == .compressed(.zip))
        #expect(Compression.verdict(on: Array("PK.example/".utf8)) == .plain)
        #expect(Compression.verdict(on: Array("PAR1.example/".utf8)) == .plain)
        #expect(Compression.verdict(on: Array("BZh91AY&SY".utf8)) == .compressed(.bzip2))
        #expect(Compression.verdict(on: Array("BZh91AY&S".utf8)) == .undecided)
        #expect(Compression.verdict(on: Array("BZh9.example/".utf8)) == .plain)
    }

    @Test(
        arguments: [
            (
                [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00],
                "it is compressed with xz; give the output of xz -dc"
            ),
            (Array("BZh11AY&SY…".utf8), "it is compressed with bzip2; give the output of bzip2 -dc"),
            (
                Array("PK\u{3}\u{4}…".utf8),
                "it is a ZIP archive; give the output of unzip -p, or, if it is a spreadsheet, save it as CSV"
            ),
            ([0x04, 0x22, 0x4D, 0x18, 0x64], "it is compressed with lz4; give the output of lz4 -dc"),
            ([0x02, 0x21, 0x4C, 0x18, 0x64], "it is compressed with lz4; give the output of lz4 -dc"),
            (Array("PAR1\u{15}\u{4}".utf8), "it is a Parquet file; convert it to lines of JSON or to CSV"),
        ] as [([UInt8], String)]
    )
    func otherFormatsAreNamedWithWhatToDo(bytes: [UInt8], says: String) throws {
        let file = unsafe open(try folder.write(bytes, to: "file"), O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var reader = DecompressingReader(file)
        var piece = [UInt8](repeating: 0, count: 100)
        let fault = #expect(throws: DecompressionFault.self) {
            try unsafe piece.withUnsafeMutableBytes { try unsafe reader.read(into: $0) }
        }
        #expect(fault?.reason == says)
        let (all, stray) = try decompressed(.gzip, Compressed.gzip([1]) + bytes)
        #expect(all == [1] && stray == "bytes that are neither gzip nor zstd follow its gzip data")
    }

    /// 160 KB become 4 GB, which are read in parts of at most 64 KiB.
    @Test func aBombIsReadPieceByPiece() throws {
        let file = unsafe open(
            try folder.write(Compressed.zstdBomb(0x0A, blocks: 40_000), to: "bomb"),
            O_RDONLY | O_CLOEXEC
        )
        defer { close(file) }
        let decompressor = Decompressor(.zstd, descriptor: file, head: [])
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        var total = 0
        while true {
            let count = try unsafe piece.withUnsafeMutableBytes { try unsafe decompressor.read(into: $0) }
            if count == 0 { break }
            total += count
        }
        #expect(total == 4_000_000_000)
    }
}
