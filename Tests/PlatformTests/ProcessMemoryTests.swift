// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Testing

@testable import Platform

@Suite struct ProcessMemoryTests {
    @Test(arguments: [0, getpid()])
    func theMemoryOfThisProcessIsReadWithAndWithoutItsID(pid: Int32) throws {
        let memory = try #require(ProcessMemory(of: pid))
        #expect(memory.residentKB > 1_000)
        #expect(memory.peakKB >= memory.residentKB)
        #expect(memory.dataKB > 100)
    }

    @Test func aMissingProcessGivesNil() {
        // Process ids are below 2^22 (proc(5), pid_max).
        #expect(ProcessMemory(of: 1 << 23) == nil)
    }
}
