// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

/// Tests of workers whose connection may be lost without notice (`remote` of `init`), and of fetch workers
/// that get a signal.
@Suite(.ownThread)
struct RemoteLinkTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    private static let programs = [
        ("fetchpool", ["--supervised", "-w", "1"]), ("fetchpool-fetch", ["--supervised"]),
    ]

    private func post(_ seq: Int) -> String {
        #"{"t":"task","seq":\#(seq),"attempt":1,"task":{"url":"\#(server.base)/get","method":"POST"}}"#
    }

    /// Reads lines until one contains `text`; returns this line, or `nil` if none comes within `seconds`.
    private func line(with text: String, from running: RunningProgram, seconds: Int = 60) -> String? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            guard let line = try? running.line(within: .milliseconds(200)) else { continue }
            if line.contains(text) { return line }
        }
        return nil
    }

    @Test(arguments: programs)
    func requestThatMustNotBeRepeatedWaitsForTheConfirmation(program: String, options: [String]) throws {
        let running = try RunningProgram(program, options)
        try running.send(#"{"t":"init","v":1,"remote":true,"config":{}}"# + "\n" + post(7) + "\n" + post(8))
        #expect(line(with: #""t":"start","seq":7"#, from: running) != nil)
        #expect(line(with: #""t":"result""#, from: running, seconds: 2) == nil)
        try running.send(#"{"t":"confirm","seq":7}"#)
        let first = line(with: #""t":"result""#, from: running)
        #expect(first?.contains(#""seq":7"#) == true)
        try running.send(#"{"t":"confirm","seq":8}"#)
        #expect(line(with: #""t":"result","seq":8"#, from: running) != nil)
        try running.send(#"{"t":"drain"}"#)
        running.endInput()
        #expect(try running.waitForEnd() == .status(0))
    }

    @Test(arguments: programs)
    func withoutRemoteARequestBeginsAtOnce(program: String, options: [String]) throws {
        let running = try RunningProgram(program, options)
        try running.send(#"{"t":"init","v":1,"config":{}}"# + "\n" + post(7))
        #expect(line(with: #""t":"result","seq":7"#, from: running) != nil)
    }

    @Test(.ownThread(isFirst: true), arguments: programs)
    func workerExitsWhenItsCoordinatorIsSilent(program: String, options: [String]) throws {
        let running = try RunningProgram(program, options)
        try running.send(#"{"t":"init","v":1,"remote":true,"config":{}}"#)
        #expect(line(with: #""t":"hello""#, from: running) != nil)
        // Beats of the coordinator keep the worker alive. Without beats, `fetchpool` would exit after 15 s,
        // and `fetchpool-fetch` after 15 s to 30 s.
        for _ in 0..<(program == "fetchpool" ? 18 : 33) {
            try running.send(#"{"t":"beat"}"#)
            sleep(1)
            #expect(kill(running.pid, 0) == 0)
        }
        let began = ContinuousClock.now
        try running.waitForEnd()
        #expect((.seconds(10)...(.seconds(60))).contains(ContinuousClock.now - began))
    }

    @Test func fetchWorkersFinishTheirTasksDespiteSIGTERM() throws {
        let slow = (1...6).map { #"{"url":"\#(server.base)/delay/1500?\#($0)","method":"POST"}"# }
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1"])
        for task in slow { try running.send(task) }
        running.endInput()
        sleep(1)
        for watch in try ProcessWatch.all(below: running.pid) { kill(watch.pid, SIGTERM) }
        let run = try running.finish()
        #expect(try run.records.outcomes == ["ok": 6], "\(run.output)")
    }
}
