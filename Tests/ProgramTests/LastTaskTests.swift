// SPDX-License-Identifier: MIT
// fetchpool

import Dispatch
import TestPrograms
import TestThreads
import Testing

/// The hint of a coordinator about the tasks to come.
@Suite(.ownThread)
struct LastTaskTests {
    @Test func connectionOfTheLastTaskOfAHostIsClosed() throws {
        let closed = DispatchSemaphore(value: 0)
        let server = try ScriptedServer { request, peer in
            peer.respond()
            guard request.target == "/last" else { return .keep }
            peer.waitForEnd()
            closed.signal()
            return .close
        }
        let worker = try RunningProgram("fetchpool-fetch", ["--supervised"])
        try worker.send(#"{"t":"init","v":1,"config":{}}"#)
        for (seq, hint, path) in [(1, "", "first"), (2, #","last":true"#, "last")] {
            let task = #"{"url":"\#(server.base)/\#(path)"}"#
            try worker.send(#"{"t":"task","seq":\#(seq),"attempt":1\#(hint),"task":\#(task)}"#)
            var line = try worker.line()
            while let text = line, !text.contains(#""seq":\#(seq),"#) { line = try worker.line() }
            #expect(line?.contains(#""status":200"#) == true)
        }
        // The worker lives on.
        #expect(closed.wait(timeout: .now() + 60) == .success)
        #expect(server.connections == 1)
        try worker.send(#"{"t":"drain"}"#)
        #expect(try worker.finish().end == .status(0))
    }
}
