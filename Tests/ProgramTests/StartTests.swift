// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestPrograms
import TestThreads
import Testing

/// Tests of the `start` messages of the fetch worker, and of the message about a worker that sends nothing.
@Suite(.ownThread)
struct StartTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    /// Sends a task with additional `members` to a fetch worker; returns the types of all messages of the
    /// worker except beats, in order.
    private func messageTypes(for members: String) throws -> [String] {
        let worker = try RunningProgram("fetchpool-fetch", ["--supervised"])
        try worker.send(#"{"t":"init","v":1,"config":{}}"#)
        try worker.send(#"{"t":"task","seq":7,"attempt":1,"task":{"url":"\#(server.base)/get"\#(members)}}"#)
        try worker.send(#"{"t":"drain"}"#)
        let kinds = try worker.finish().lines.compactMap { line in
            line.firstMatch(of: /"t":"(\w+)"/).map { String($0.output.1) }
        }
        return kinds.filter { $0 != "beat" }
    }

    @Test(arguments: [
        (#","method":"POST","body":"x""#, true), (#","method":"PATCH""#, true),
        (#","idempotent":false"#, true),
        ("", false), (#","method":"PUT","body":"x""#, false), (#","method":"POST","idempotent":true"#, false),
    ])
    func onlyRequestsThatMustNotBeRepeatedHaveStartMessages(_ members: String, _ starts: Bool) throws {
        #expect(try messageTypes(for: members) == ["hello"] + (starts ? ["start"] : []) + ["result", "bye"])
    }

    @Test func startIsSentBeforeTheResponse() throws {
        let worker = try RunningProgram("fetchpool-fetch", ["--supervised"])
        try worker.send(#"{"t":"init","v":1,"config":{}}"#)
        #expect(try worker.line()?.contains(#""t":"hello""#) == true)
        let url = "\(server.base)/hang"
        try worker.send(#"{"t":"task","seq":9,"attempt":1,"task":{"url":"\#(url)","method":"POST"}}"#)
        // Under load a beat may come first; the loop stops after 20 lines.
        var lines: [String] = []
        while lines.count < 20, lines.last?.contains(#""t":"start""#) != true {
            lines.append(try worker.line() ?? "")
        }
        #expect(lines.last == #"{"t":"start","seq":9}"#)
    }

    /// A filter such as wc(1) writes nothing before the end of its input.
    ///
    /// A user could give such a filter as the worker's command.
    @Test func aWorkerThatWaitsForTheEndOfItsInputIsReported() throws {
        let running = try RunningProgram("fetchpool", ["-w", "1", "-x", "wc -w", "data:,x"])
        try running.waitForErrors(
            holding:
                "was given a task 5 s ago, and none of these workers has written a line; a worker must write the result of each task"
        )
        running.signal(SIGTERM)
        running.signal(SIGINT)
        #expect(try running.waitForEnd() == .status(143))
    }
}
