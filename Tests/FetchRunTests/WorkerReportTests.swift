// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool
import Testing

@testable import FetchRun

@Suite struct WorkerReportTests {
    /// After the pool's SIGTERM, ssh exits with 255, but this status does not tell the user the reason.
    @Test func endOfAWorkerOnAnotherMachineIsReportedWithItsReason() {
        var exit = WorkerExit(status: 255)
        exit.errorTail = ["first", "last"]
        let again =
            "its tasks are sent again, except begun ones that must not be repeated; the worker is started again"
        #expect(exit.account(of: "a") == "the worker on 'a' ended with exit status 255: last; \(again)")
        exit.wasSilent = true
        #expect(
            exit.account(of: "a")
                == "the worker on 'a' has sent nothing for 5 s, and is taken for lost; \(again)"
        )
        (exit.wasSilent, exit.wasLate) = (false, true)
        #expect(
            exit.account(of: "a")
                == "the worker on 'a' was too late for --start-deadline: last; it is started again"
        )
        (exit.wasLate, exit.wasRefused) = (false, true)
        #expect(exit.account(of: "a") == "the worker on 'a' was refused: last; \(again)")
    }
}
