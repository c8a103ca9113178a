// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Testing

@testable import FetchRun

@Suite struct FailureWordsTests {
    @Test(
        arguments: [
            (0.2, "1 s"), (600, "600 s"), (601, "11 minutes"), (7_200, "120 minutes"), (7_201, "3 hours"),
            (172_801, "3 days"), (31_536_000, "365 days"), (1e9, "more than 31 years"),
            (1e300, "more than 31 years"),
        ]
    )
    func aTimeThatAServerNamesIsShownInAUnitThatFits(seconds: Double, words: String) {
        let message = "the server asks to be left alone for \(words), longer than --max-retry-after"
        #expect(TaskError.rateLimited(seconds: seconds).message == message)
    }

    @Test func aFailedLookUpOrConnectionIsBeforeTheRequestUnlessARedirectCameFirst() {
        for errorClass in ErrorClass.allCases {
            let error = TaskError(errorClass, "")
            #expect(
                error.isBeforeRequest(status: nil) == [.dns, .connect, .timeoutConnect].contains(errorClass)
            )
            #expect(!error.isBeforeRequest(status: 302))
        }
    }
}
