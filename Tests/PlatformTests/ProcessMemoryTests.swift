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

    /// A worker that has died is a zombie for a moment.
    ///
    /// If its memory were read as 0 then, the 0 would replace the last value that the coordinator knows.
    @Test func aProcessThatHasEndedGivesNil() {
        var pid: pid_t = 0
        var arguments = unsafe [strdup("/bin/true"), nil]
        defer { unsafe free(arguments[0]) }
        let error = unsafe posix_spawn(&pid, "/bin/true", nil, nil, &arguments, nil)
        guard error == 0 else {
            Issue.record("no process was started")
            return
        }
        var info = unsafe siginfo_t()
        // The process stays a zombie, because of `WNOWAIT`.
        let isOver = unsafe waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
        #expect(isOver == 0)
        #expect(ProcessMemory(of: pid) == nil)
        var status: Int32 = 0
        unsafe _ = waitpid(pid, &status, 0)
    }

    @Test func aMissingProcessGivesNil() {
        // Process ids are below 2^22 (proc(5), pid_max).
        #expect(ProcessMemory(of: 1 << 23) == nil)
    }
}
