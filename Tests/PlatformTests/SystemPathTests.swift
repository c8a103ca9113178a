// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

/// Tests of `SystemPath.program`.
struct SystemPathTests {
    @Test(arguments: ["sh", "/bin/sh"]) func programIsFound(name: String) throws {
        let path = try #require(SystemPath.program(name))
        #expect(path.hasSuffix("/sh"))
        #expect(path.hasPrefix("/"))
    }

    @Test(arguments: ["no-such-program-of-fetchpool", "/no/such/program", "/bin", "/etc/passwd", ""])
    func aNameThatIsNotAProgramGivesNil(name: String) {
        #expect(SystemPath.program(name) == nil)
    }
}
