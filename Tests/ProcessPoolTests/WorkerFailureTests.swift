// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@testable import ProcessPool

@Suite struct WorkerFailureTests {
    @Test(arguments: [
        (#"{"class":"Bad","message":"page \ud83d"}"#, "page \u{FFFD}"),
        (#"{"class":"Bad","message":"page"}"#, "page"),
        (#"{"class":"Bad","message":7}"#, "the worker gave no message"),
        (#"{"class":"Bad"}"#, "the worker gave no message"),
    ])
    func failureHasTheMessageOfTheWorkerOrSaysThatThereIsNone(error: String, message: String) throws {
        let line = Array(#"{"seq":1,"error":\#(error)}"#.utf8)
        guard case .result(let result) = try WorkerMessage.read(line.span) else {
            Issue.record("the line is not read as a result")
            return
        }
        let failure = WorkerFailure.error(of: result, in: line.span, from: .thisProgram)
        #expect(failure == .taskFailed(WorkerFailure(type: "Bad", message: message)))
    }
}
