// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool
import Testing

@testable import FetchRun

@Suite struct SilenceHintTests {
    private var hint: SilenceHint {
        SilenceHint(pool: 1, [WorkerCommand(executable: "/usr/bin/wc", arguments: ["-w"])])
    }

    @Test func theHintComesOnceAfterFiveSecondsAndNamesTheCommand() throws {
        var hint = hint
        #expect(hint.sentence(hasHeard: false, longest: 4_999_999_999) == nil)
        let said = hint.sentence(hasHeard: false, longest: 5_000_000_000)
        let sentence = try #require(said)
        #expect(sentence.contains("'/usr/bin/wc -w'") && sentence.contains("end of its input"))
        #expect(hint.sentence(hasHeard: false, longest: 60_000_000_000) == nil)
    }

    @Test func noHintComesAfterAWorkerOfThePoolHasWrittenALine() {
        var hint = hint
        #expect(hint.sentence(hasHeard: true, longest: 0) == nil)
        #expect(hint.sentence(hasHeard: false, longest: 60_000_000_000) == nil)
    }
}
