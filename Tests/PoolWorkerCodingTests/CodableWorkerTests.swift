// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms
import TestThreads
import Testing

/// Tests of a program whose tasks and results are `Codable`.
@Suite(.ownThread)
struct CodableWorkerTests {
    @Test func eachTaskIsDecodedAndItsResultEncodedOrTheTaskFails() throws {
        let tasks = [
            #"{"url":"u","meta":{"prices":[1.5,2.25],"name":"é"}}"#, #"{"url":"nan","meta":{"prices":[]}}"#,
            #"{"url":"u"}"#,
        ]
        let lines = tasks.enumerated().map { #"{"t":"task","seq":\#($0),"attempt":1,"task":\#($1)}"# }
        let input = [#"{"t":"init","v":1}"#] + lines + [#"{"t":"drain"}"#]
        let run = try RunningProgram.run(
            "codable-kit-worker",
            input: input.joined(separator: "\n") + "\n"
        )
        #expect(run.end == .status(0))
        try #require(run.lines.count == 5)
        #expect(
            [#"{"name":"é","sum":3.75}"#, #"{"sum":3.75,"name":"é"}"#].contains {
                run.lines[1] == #"{"t":"result","seq":0,"result":\#($0)}"#
            }
        )
        #expect(run.lines[2].contains("a value of type Sum cannot be encoded as JSON: "))
        #expect(run.lines[3].contains("the JSON cannot be decoded as Order: 'meta' is missing"))
    }
}
