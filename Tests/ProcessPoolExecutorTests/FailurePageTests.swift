// SPDX-License-Identifier: MIT
// fetchpool

import ExecutorFunctions
import Foundation
import ProcessPool
import TestPrograms
import TestThreads
import Testing

/// Tests that the page `WhenATaskFails.md` quotes the real messages of errors.
@Suite(.ownThread) struct FailurePageTests {
    /// The messages that the page quotes; an ellipsis stands for an end that differs from run to run.
    private static let quoted: [String] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Sources/ProcessPool/ProcessPool.docc/WhenATaskFails.md")
        let parts = (try? String(contentsOf: file, encoding: .utf8))?.components(separatedBy: "```") ?? []
        return parts.filter { $0.hasPrefix("text\n") }.map { steady(String($0.dropFirst(5))) }
    }()

    /// Returns a text on one line, with `N` for each number, because numbers may differ from run to run.
    private static func steady(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing(/\d+/, with: "N")
    }

    /// Expects the page to quote the message of an error.
    private func expectQuoted(_ error: (any Error)?) {
        let message = Self.steady(error.map { "\($0)" } ?? "no error")
        let isQuoted = Self.quoted.contains { quote in
            quote.hasSuffix("…") ? message.hasPrefix(quote.dropLast()) : message == quote
        }
        #expect(isQuoted, "\(message)")
    }

    /// Submits a task, and expects the page to quote its error.
    private func expectQuoted<Input, Output>(
        _ function: WorkerFunction<Input, Output>,
        _ input: Input,
        _ change: (inout PoolConfiguration) -> Void = { _ in }
    ) async throws {
        try await withTestPool(1, change) { pool async throws in
            expectQuoted(await error { try await pool.submit(function, input).value })
        }
    }

    @Test(arguments: ["kill", "exit 7"]) func messageOfADeadWorker(way: String) async throws {
        try await expectQuoted(Functions.die, way)
    }

    @Test func messageOfAFunctionThatClosesDescriptors() async throws {
        try await expectQuoted(Functions.closing, 1)
    }

    // On other architectures, a trap may send a signal other than the one that the page quotes.
    #if arch(x86_64)
    @Test func messageOfATrap() async throws { try await expectQuoted(Functions.die, "trap") }
    #endif

    @Test func messageOfTooMuchMemory() async throws {
        try await expectQuoted(Functions.memory, 2_000) { $0.memoryLimit = .mebibytes(200) }
    }

    @Test func messageOfATaskPastItsDeadline() async throws {
        try await expectQuoted(Functions.die, "hang") { $0.taskDeadline = .milliseconds(300) }
    }

    @Test func messageOfATimeOut() async throws {
        try await withTestPool(1) { pool async throws in
            let future = pool.submit(Functions.die, "hang")
            expectQuoted(await error { try await future.result(timeout: .milliseconds(100)) })
            future.cancel()
        }
    }

    @Test func messageOfAnErrorOfTheFunction() async throws {
        try await expectQuoted(Functions.evenOnly, 21)
    }

    @Test func messagesOfInputsAndResults() async throws {
        try await expectQuoted(Functions.half, .nan)
        try await expectQuoted(Functions.length, String(repeating: "x", count: 17 << 20))
        try await expectQuoted(Functions.text, 17 << 20)
        for levels in [500, 501, 600] { try await expectQuoted(Functions.deeper, Nest(levels: levels)) }
    }

    @Test func messagesOfFunctionsThatTheWorkersDoNotHave() async throws {
        try await expectQuoted(Functions.notServed, 1)
        // These functions have the name of `Functions.double`, but their types differ from its types, as if
        // another version of the program defined them.
        try await expectQuoted(WorkerFunction("double") { (text: String) in text }, "two")
        try await expectQuoted(WorkerFunction("double") { (number: Int) in "\(number)" }, 2)
    }

    @Test func messagesOfWorkersThatCannotStart() async throws {
        try await expectQuoted(Functions.double, 1) {
            $0.environment["TEST_FAILS"] = "the database is away"
        }
        try await expectQuoted(Functions.double, 1) { $0.environment["TEST_FORGETS"] = "1" }
        try await withProcessPool(.program("sleep", arguments: ["100"]), configuration: Self.hasty) {
            pool async throws in
            expectQuoted(await error { try await pool.submit(1, returning: Int.self).value })
        }
        let later = #"echo '{"t":"hello","v":2}'; cat >/dev/null"#
        // The pool ends a worker after 100,000 lines or 64 MiB without a result. A few long lines reach this
        // limit, and are read sooner than many short lines.
        let flood = "while head -c 17000000 /dev/zero; do echo; done"
        let programs: [PoolWorkers] = [
            .program("/nowhere/worker"), .program("/bin/sh", arguments: ["-c", later]), .program("/bin/cat"),
            .program("true"), .program("/bin/sh", arguments: ["-c", flood]),
        ]
        for program in programs {
            try await withProcessPool(program) { pool async throws in
                expectQuoted(await error { try await pool.submit(1, returning: Int.self).value })
            }
        }
    }

    /// Settings for workers that must send their first line within 100 ms.
    private static var hasty: PoolConfiguration {
        var configuration = PoolConfiguration(maxWorkers: 1)
        configuration.startDeadline = .milliseconds(100)
        return configuration
    }

    @Test func messageOfATestWhoseWorkersWouldBeTests() async throws {
        try await withProcessPool { pool async throws in
            expectQuoted(await error { try await pool.submit(Functions.double, 1).value })
            expectQuoted(
                await error { for try await _ in pool.map(Functions.double, [1, 2]) {} }
            )
            #expect(pool.statistics.workers.isEmpty)
        }
    }

    @Test func messageOfAPoolThatWasShutDown() async throws {
        try await withTestPool(1) { pool async throws in
            await pool.shutdown()
            expectQuoted(await error { try await pool.submit(Functions.double, 1).value })
        }
    }
}
