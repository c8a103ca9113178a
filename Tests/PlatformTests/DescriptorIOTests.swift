// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestThreads
import Testing

@testable import Platform

/// Tests of functions that read and write descriptors.
///
/// The tests block in system calls, so each test has its own thread.
@Suite(.ownThread)
struct DescriptorIOTests {
    /// More bytes than a pipe holds by default (pipe(7)).
    private static let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }

    @Test(arguments: [false, true])
    func writeAllWritesAllBytesEvenToANonblockingPipe(isNonblocking: Bool) throws {
        let pipe = try #require(Pipe(isNonblocking: isNonblocking))
        let failure = SystemThread.start {
            _ = writeAll(Self.bytes.span, to: pipe.writer)
            close(pipe.writer)
        }
        #expect(failure == 0)
        var got: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe room.withUnsafeMutableBytes { unsafe readOnce(pipe.reader, into: $0) }
            guard count > 0 else { break }
            got += room[..<count]
        }
        close(pipe.reader)
        #expect(got == Self.bytes)
    }

    @Test(arguments: [false, true])
    func writeAllReportsTheBytesThatItWroteBeforeItGaveUp(isNonblocking: Bool) throws {
        let pipe = try #require(Pipe(isNonblocking: isNonblocking))
        defer { pipe.close() }
        var (asked, written) = (0, 0)
        let isWhole = writeAll(
            Self.bytes.span,
            to: pipe.writer,
            orUntil: {
                asked += 1
                return asked == 2
            },
            wrote: { written += $0 }
        )
        #expect(!isWhole)
        #expect(errno == EAGAIN)
        #expect(asked == 2)
        // The default capacity of a pipe, in bytes (pipe(7)).
        #expect(written == 65_536)
    }

    @Test func aSlowReaderGetsAllBytesThoughTheWriterMayGiveUp() throws {
        let pipe = try #require(Pipe(isNonblocking: true))
        let failure = SystemThread.start {
            _ = writeAll(Self.bytes.span, to: pipe.writer, orUntilUnread: { true })
            close(pipe.writer)
        }
        #expect(failure == 0)
        usleep(150_000)
        var count = 0
        var room = [UInt8](repeating: 0, count: 65_536)
        while true {
            let more = unsafe read(pipe.reader, &room, room.count)
            if more == 0 { break }
            if more > 0 { count += more } else { waitUntilReady(pipe.reader, for: POLLIN) }
        }
        close(pipe.reader)
        #expect(count == Self.bytes.count)
    }

    @Test func readingAndWritingAnInvalidDescriptorFails() {
        let byte: [UInt8] = [1]
        let isWritten = writeAll(byte.span, to: -1)
        let reason = errno
        #expect(!isWritten)
        #expect(reason == EBADF)
        var room = [UInt8](repeating: 0, count: 1)
        let count = unsafe room.withUnsafeMutableBytes { unsafe readOnce(-1, into: $0) }
        #expect(count == -1)
    }
}
