// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import TestThreads
import Testing

@testable import FetchRun

@Suite(.ownThread)
struct LineCounterTests {
    private let folder = TestFolder()

    @Test(
        arguments: [
            ("", 0), ("\n", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("a\n\n \t\r\nb\n", 2),
            ("#a\n  # b\nc\n", 1),
            ("\u{FEFF}a\n", 1), ("\u{FEFF}# a\nb\n", 1), ("a\r\nb\r\n", 2),
        ]
    )
    func linesThatAreNeitherBlankNorACommentAreCounted(text: String, expected: Int) throws {
        let descriptor = unsafe open(try folder.write(text, to: "a"), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(LineCounter.tasks(in: descriptor, from: 0) == expected)
    }

    @Test func countingDoesNotChangeTheDescriptorsOffset() throws {
        let descriptor = unsafe open(try folder.write("a\nb\nc\n", to: "a"), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        lseek(descriptor, 2, SEEK_SET)
        #expect(LineCounter.tasks(in: descriptor, from: 2) == 2)
        #expect(lseek(descriptor, 0, SEEK_CUR) == 2)
    }

    @Test func aFileThatCannotBeReadHasNoCount() {
        let descriptor = unsafe open(folder.path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(LineCounter.tasks(in: descriptor, from: 0) == nil)
    }

    @Test func theLinesOfAllFilesAndTheURLsOfTheCommandLineAreCounted() throws {
        let files = [try folder.write("a\nb\n", to: "a"), try folder.write("c", to: "b")]
        let counter = LineCounter(files: files, plus: 4)
        while counter.total == nil { sched_yield() }
        #expect(counter.total == 7)
    }

    /// The run reads standard input while the counter's thread starts.
    @Test func countingBeginsAtTheOffsetThatADescriptorHadAtFirst() throws {
        let descriptor = unsafe open(try folder.write("a\nb\nc\n", to: "a"), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        lseek(descriptor, 2, SEEK_SET)
        let counter = LineCounter([fcntl(descriptor, F_DUPFD_CLOEXEC, 0)], plus: 0)
        lseek(descriptor, 6, SEEK_SET)
        while counter.total == nil { sched_yield() }
        #expect(counter.total == 2)
        #expect(lseek(descriptor, 0, SEEK_CUR) == 6)
    }

    @Test func aNamedPipeWithoutAWriterDoesNotBlockTheRun() {
        #expect(unsafe mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(LineCounter(files: [folder.file("pipe")], plus: 1).total == nil)
    }
}
