// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import Testing

/// Tests of `OutputTail`; in each test, one process is both the coordinator and the worker.
struct OutputTailTests {
    private struct Refusal: Error {}

    /// The coordinator's or the worker's `OutputTail`, in a class because `#expect` cannot use a noncopyable
    /// value.
    private final class Side {
        private var tail: OutputTail

        /// Creates the memory as a coordinator, and makes this process the writer of the memory.
        init() throws {
            guard let tail = OutputTail() else { throw Refusal() }
            tail.setWriter(getpid())
            self.tail = tail
        }

        /// Opens the memory as a worker.
        init(openedAt path: String) throws {
            guard let tail = OutputTail(openedAt: path) else { throw Refusal() }
            self.tail = tail
        }

        var path: String { tail.path }
        var isOpened: Bool { tail.isOpened }
        var isEmpty: Bool { tail.isEmpty }
        var end: Int { tail.end }
        func revoke() -> Bool { tail.revoke() }
        var text: String {
            tail.withBytes { span in String(decoding: span.indices.map { span[$0] }, as: UTF8.self) }
        }

        func setWriter(_ pid: Int32) { tail.setWriter(pid) }
        func closeDescriptor() { tail.closeDescriptor() }
        func rest(after received: Int) -> String {
            String(decoding: tail.rest(after: received), as: UTF8.self)
        }
        func holds(_ text: String) -> Bool { tail.holds(Array(text.utf8).span) }
        func append(_ text: String, at position: Int) { tail.append(Array(text.utf8).span, at: position) }
        func removeAll() { tail.removeAll() }
    }

    @Test func theCoordinatorReadsTheBytesThatTheWorkerHasNotRemoved() throws {
        let coordinator = try Side()
        #expect(!coordinator.isOpened)
        let worker = try Side(openedAt: coordinator.path)
        #expect(coordinator.isOpened)
        #expect(coordinator.rest(after: 0).isEmpty)
        worker.append("one\n", at: 100)
        worker.append("two\n", at: 100)
        #expect(coordinator.rest(after: 100) == "one\ntwo\n")
        #expect(worker.text == "one\ntwo\n")
        worker.removeAll()
        #expect(worker.isEmpty)
        #expect(coordinator.rest(after: 108).isEmpty)
        worker.append("three\n", at: 108)
        #expect(coordinator.rest(after: 108) == "three\n")
    }

    @Test(arguments: [(100, "one\ntwo\n"), (103, "\ntwo\n"), (107, "\n"), (108, "")])
    func bytesThatCameThroughThePipeAreNotReadAgain(received: Int, rest: String) throws {
        let coordinator = try Side()
        let worker = try Side(openedAt: coordinator.path)
        worker.append("one\ntwo\n", at: 100)
        #expect(coordinator.rest(after: received) == rest)
    }

    @Test func aPositionAfterTheReceivedBytesGivesNothing() throws {
        let coordinator = try Side()
        let worker = try Side(openedAt: coordinator.path)
        worker.append("one\n", at: 100)
        #expect(coordinator.rest(after: 99).isEmpty)
    }

    @Test(arguments: [Int.max, -1, Int.min])
    func anImpossiblePositionGivesNothing(position: Int) throws {
        let coordinator = try Side()
        let worker = try Side(openedAt: coordinator.path)
        worker.append("one\n", at: position)
        #expect(coordinator.rest(after: 100).isEmpty)
        #expect(coordinator.end == 0)
    }

    @Test func theEndStaysTheSameAfterTheBytesAreRemoved() throws {
        let coordinator = try Side()
        let worker = try Side(openedAt: coordinator.path)
        worker.append("one\n", at: 100)
        #expect(coordinator.end == 104)
        worker.removeAll()
        #expect(coordinator.end == 104)
    }

    @Test func theMemoryHoldsAsManyBytesAsItsCapacity() throws {
        let coordinator = try Side()
        let worker = try Side(openedAt: coordinator.path)
        let line = String(repeating: " ", count: OutputTail.capacity - 4)
        worker.append(line, at: 0)
        #expect(worker.holds("one\n"))
        #expect(!worker.holds("three\n"))
        worker.append("one\n", at: 0)
        #expect(coordinator.rest(after: 0) == line + "one\n")
    }

    @Test func onlyAMemoryThatIsNotOpenedCanBeRevoked() throws {
        let coordinator = try Side()
        let path = coordinator.path
        #expect(coordinator.revoke())
        #expect(throws: Refusal.self) { _ = try Side(openedAt: path) }
        #expect(coordinator.revoke())
        coordinator.setWriter(getpid())
        let worker = try Side(openedAt: path)
        #expect(!coordinator.revoke())
        worker.append("one\n", at: 0)
        #expect(coordinator.rest(after: 0) == "one\n")
    }

    @Test func aProcessThatIsNotTheWriterCannotOpenTheMemory() throws {
        let coordinator = try Side()
        coordinator.setWriter(getppid())
        let path = coordinator.path
        #expect(throws: Refusal.self) { _ = try Side(openedAt: path) }
        #expect(!coordinator.isOpened)
    }

    @Test(arguments: ["/dev/null", "/nowhere", "", "/proc/self/fd/0"])
    func aPathOfAnotherFileIsRefused(path: String) {
        #expect(throws: Refusal.self) { _ = try Side(openedAt: path) }
    }

    @Test func theMemoryLastsAfterTheDescriptorIsClosed() throws {
        let coordinator = try Side()
        let worker = try Side(openedAt: coordinator.path)
        coordinator.closeDescriptor()
        worker.append("one\n", at: 0)
        #expect(coordinator.rest(after: 0) == "one\n")
    }
}
