// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import Testing

@testable import FetchRun

@Suite struct RunPageTests {
    private let folder = TestFolder()

    /// Writes the page of a resumed run that must end; returns the message if the page is left out, and `nil`
    /// if the page is written.
    ///
    /// The output is read for `readingTime` milliseconds although the run must end.
    private func write(readingTime: Int) throws -> String? {
        let output = try folder.write(#"{"v":1,"id":1,"outcome":"ok"}"# + "\n", to: "records")
        let page = RunPage(folder.file("page"), output: output, resumes: true, readingTime: readingTime)
        return try page.write(orUntil: { true }, readingUntil: { true })
    }

    @Test func aShortOutputIsReadEvenIfTheRunMustEnd() throws {
        #expect(try write(readingTime: 60_000) == nil)
        #expect(try folder.read("page").contains("</html>"))
    }

    @Test func thePageOfALongOutputIsLeftOutIfTheRunMustEnd() throws {
        let message = try write(readingTime: 0)
        #expect(message?.contains("the page '\(folder.file("page"))' was not written") == true)
        #expect(folder.names == ["records"])
    }
}
