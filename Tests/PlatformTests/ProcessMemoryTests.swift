// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
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
    /// If the memory of a zombie were read as 0, this 0 would replace the last value that the coordinator
    /// knows.
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

    /// In `/proc/…/status`, the list of groups comes before the memory, and can have thousands of bytes.
    ///
    /// Only root may choose groups.
    @Test(.enabled(if: geteuid() == 0), arguments: [1, 250, 300, 350, 5_000])
    func theMemoryOfAUserInManyGroupsIsRead(count: Int) throws {
        let folder = TestFolder()
        let script =
            "import os, time; os.setgroups(range(10**9, 10**9 + \(count))); open('\(folder.file("ready"))', 'w').close(); time.sleep(60)"
        var pid: pid_t = 0
        let words: [String] = ["python3", "-c", script]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        #expect(unsafe posix_spawn(&pid, "/usr/bin/python3", nil, nil, &arguments, environ) == 0)
        try #require(pid > 0)
        defer {
            kill(pid, SIGKILL)
            var status: Int32 = 0
            unsafe _ = waitpid(pid, &status, 0)
        }
        for _ in 1...30_000 where unsafe access(folder.file("ready"), F_OK) != 0 { usleep(1_000) }
        let memory = try #require(ProcessMemory(of: pid))
        #expect(memory.residentKB > 1_000 && memory.peakKB >= memory.residentKB && memory.dataKB > 100)
    }

    @Test func aMissingProcessGivesNil() {
        // Process ids are below 2^22 (proc(5), pid_max).
        #expect(ProcessMemory(of: 1 << 23) == nil)
    }
}
