// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Testing

@testable import Platform

@Suite("Memory of a process")
struct ProcessMemoryTests {
    @Test("that of this process is seen, by its number and without", arguments: [0, getpid()])
    func own(pid: Int32) throws {
        let memory = try #require(ProcessMemory(of: pid))
        #expect(memory.residentKB > 1_000)
        #expect(memory.peakKB >= memory.residentKB)
        #expect(memory.dataKB > 100)
    }

    @Test("of a process that is not there nothing is said")
    func nobody() {
        // Process ids are below 2^22 (proc(5), pid_max).
        #expect(ProcessMemory(of: 1 << 23) == nil)
    }
}
