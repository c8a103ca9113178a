// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

@Suite struct WholeFileTests {
    @Test func namesThatCannotBeWrittenAreRefusedBeforeWriting() {
        for (name, reason) in [
            ("", "No such file or directory"), ("/nowhere/x", "No such file or directory"),
            ("/tmp", "Is a directory"), ("/dev/null/x", "Not a directory"),
            ("/tmp/" + String(repeating: "x", count: 300), "File name too long"),
        ] {
            #expect(WholeFile(name, mode: 0o600).refusal == reason, "'\(name)'")
        }
        #expect(WholeFile("/dev/null", mode: 0o600).refusal == nil)
        #expect(WholeFile("/tmp/fetchpool-none", mode: 0o600).refusal == nil)
    }
}
