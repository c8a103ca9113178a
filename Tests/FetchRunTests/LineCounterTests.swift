// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import TestThreads
import Testing

@testable import FetchRun

@Suite("Line counter", .ownThread)
struct LineCounterTests {
    private let folder = TestFolder()

    @Test(
        "lines that are neither blank nor a comment are counted",
        arguments: [
            ("", 0), ("\n", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("a\n\n \t\r\nb\n", 2),
            ("#a\n  # b\nc\n", 1),
            ("\u{FEFF}a\n", 1), ("\u{FEFF}# a\nb\n", 1), ("a\r\nb\r\n", 2),
        ]
    )
    func tasks(text: String, expected: Int) throws {
        let descriptor = unsafe open(try folder.write(text, to: "a"), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(LineCounter.tasks(in: descriptor) == expected)
    }

    @Test("counting begins at the descriptor's offset, and does not change the offset")
    func place() throws {
        let descriptor = unsafe open(try folder.write("a\nb\nc\n", to: "a"), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        lseek(descriptor, 2, SEEK_SET)
        #expect(LineCounter.tasks(in: descriptor) == 2)
        #expect(lseek(descriptor, 0, SEEK_CUR) == 2)
    }

    @Test("the lines of all files and the URLs of the command line are counted")
    func sum() throws {
        let files = [try folder.write("a\nb\n", to: "a"), try folder.write("c", to: "b")]
        let counter = LineCounter(files: files, plus: 4)
        while counter.total == nil { sched_yield() }
        #expect(counter.total == 7)
    }

    @Test("a named pipe without a writer does not block the run")
    func namedPipe() {
        #expect(unsafe mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(LineCounter(files: [folder.file("pipe")], plus: 1).total == nil)
    }
}
