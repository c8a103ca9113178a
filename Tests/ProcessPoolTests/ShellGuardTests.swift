// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import TestFolders
import TestThreads
import Testing

@testable import ProcessPool

/// Tests of `ShellGuard`, a script that kills process groups after the process that started the script has
/// ended.
@Suite struct ShellGuardTests {
    /// The first group ends in the guard's fifth pause, so the guard cannot kill this group.
    ///
    /// Nobody reads the output or the errors of the guard.
    @Test(.ownThread)
    func aGroupThatHasEndedDoesNotStopTheGuard() throws {
        let folder = TestFolder()
        let wake = WakePipe()
        let groups = try (0..<2).map { _ in
            try WorkerProcess(["/bin/sleep", "600"], showsBacktrace: false, waking: wake)
        }
        defer { groups.forEach(end) }
        _ = try folder.writeProgram(
            """
            #!/bin/sh
            echo pause >> '\(folder.file("pauses"))'
            [ "$(wc -l < '\(folder.file("pauses"))')" -eq 5 ] || exit 0
            kill -9 -\(groups[0].pid)
            while kill -0 -\(groups[0].pid) 2>/dev/null; do :; done
            """,
            to: "sleep"
        )
        let shell = try WorkerProcess(
            ["/usr/bin/env", "--default-signal=PIPE", "PATH=\(folder.path):/usr/bin:/bin"]
                + ShellGuard.words,
            showsBacktrace: false,
            waking: wake
        )
        defer { end(shell) }
        shell.closeOutput()
        shell.closeErrors()
        let lines = Array(groups.map { "\($0.pid)\n" }.joined().utf8)
        #expect(shell.send(lines.span, from: 0) == lines.count)
        shell.closeInput()
        #expect(waits(30) { groups[0].isReaped && shell.isReaped })
        #expect(waits(30) { groups[1].isReaped }, "the guard kills the second group")
        // The folder with the guard's `sleep` must exist until the guard has ended.
        withExtendedLifetime(folder) {}
    }

    /// The guard's input ends before the guard gets the number of the last announced process.
    @Test(.ownThread(within: .seconds(60)))
    func announcedProcessIsFoundAndKilled() throws {
        let wake = WakePipe()
        let processes = try ["text", "other"].map { text in
            try WorkerProcess(
                ["/usr/bin/env", "\(ShellGuard.variable)=\(text)", "/bin/sleep", "600"],
                showsBacktrace: false,
                waking: wake
            )
        }
        defer { processes.forEach(end) }
        let shell = try WorkerProcess(ShellGuard.words, showsBacktrace: false, waking: wake)
        defer { end(shell) }
        let lines = Array("?other\n\(Int32.max)\n?other\n?\n?text\n".utf8)
        #expect(shell.send(lines.span, from: 0) == lines.count)
        shell.closeInput()
        #expect(waits(30) { processes[0].isReaped && shell.isReaped })
        #expect(!processes[1].isReaped, "a line follows each announcement of this process")
    }

    private func end(_ process: WorkerProcess) {
        process.signalGroup(SIGKILL)
        process.abandon()
        process.closeAll()
    }
}
