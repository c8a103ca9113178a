// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests on a system that lacks something: descriptors, threads, `/proc`, `/dev/null`, space in files or in
/// the spool, a reader of the output, or files that rename(2) can replace.
@Suite(.ownThread)
struct ScarceSystemTests {
    private func shell(
        _ script: String,
        _ arguments: [String],
        of program: String = "fetchpool"
    ) throws -> RunningProgram.Finished {
        let words = ["-c", script + #"; exec "$0" "$@""#, BuiltPrograms.path(program)] + arguments
        return try RunningProgram.run("/bin/sh", words, within: .seconds(60))
    }

    /// Returns true if `errors` names `ulimit`, and shows neither an error of Foundation nor a fatal error of
    /// Swift.
    private func isSentence(_ errors: String) -> Bool {
        errors.contains("ulimit") && !errors.contains("Domain=") && !errors.contains("Fatal")
    }

    @Test(arguments: [[], ["-x", "python3 -c ''", "-w", "2"]])
    func tooFewDescriptorsHaveAMessage(arguments: [String]) throws {
        for limit in Array(8...16) + [20, 24, 28, 32, 40, 44, 48, 52, 56, 60, 64] {
            let finished = try shell("ulimit -n \(limit)", arguments + ["data:,x"])
            let isRunning = finished.output.contains(#""outcome":"#)
            #expect([.status(0), .status(4)].contains(finished.end), "\(limit)")
            #expect(isRunning || isSentence(finished.errors), "\(limit): \(finished.errors)")
        }
    }

    @Test func tooManyConnectionsHaveAMessageAtTheStart() throws {
        let finished = try shell("ulimit -n 64", ["-c", "200", "data:,x"])
        #expect(finished.end == .status(4))
        #expect(
            finished.errors
                == "fetchpool: too many open files: a fetch worker with --concurrency 200 needs 220, and 64 may be open; raise the limit (ulimit -n) or lower --concurrency\n"
        )
    }

    @Test func tooManyConnectionsOfTheFilterHaveAMessageAtTheStart() throws {
        let finished = try shell("ulimit -n 64", ["-c", "200"], of: "fetchpool-fetch")
        #expect(finished.end == .status(1) && finished.output.isEmpty)
        #expect(
            finished.errors
                == "fetchpool-fetch: too many open files: a fetch worker with --concurrency 200 needs 220, and 64 may be open; raise the limit (ulimit -n) or lower --concurrency\n"
        )
    }

    /// The filter, `fetchpool-fetch`, inherits many descriptors, so it can open only some of its connections.
    @Test func aConnectionWithoutADescriptorIsNotTheFaultOfTheHost() throws {
        let server = try FixtureServer()
        let folder = TestFolder()
        let list = try folder.write(String(repeating: "\(server.base)/delay/1500\n", count: 24), to: "list")
        let script = "for i in {10..29}; do eval \"exec $i<'\(list)'\"; done; exec <'\(list)'; ulimit -n 44"
        let words = ["-c", script + #"; exec "$0" "$@""#, BuiltPrograms.path("fetchpool-fetch"), "-c", "24"]
        // The test uses bash, because descriptor numbers above 9 do not work in every shell.
        let records = try RunningProgram.run("/bin/bash", words, within: .seconds(60)).records
        let outcomes = records.outcomes
        #expect(outcomes["ok", default: 0] > 0 && outcomes["worker_crash", default: 0] > 0)
        #expect(outcomes.values.reduce(0, +) == 24 && outcomes.count == 2, "\(outcomes)")
        for record in records where record.outcome == "worker_crash" {
            #expect(record.errorClass == "oom")
            #expect(record.errorMessage.hasPrefix("too many open files: "))
        }
    }

    /// The run inherits a lock on descriptor 200, which is beyond the limit of 128.
    ///
    /// Like this test, flock(1) starts a program that inherits the descriptor of a lock. The lock must last
    /// as long as the run.
    @Test func anInheritedDescriptorBeyondTheLimitDoesNoHarm() throws {
        let folder = TestFolder()
        let lock = try folder.write("", to: "lock")
        let script = "exec 9>'\(lock)'; flock 9; exec 200>&9; exec 9>&-; ulimit -n 128"
        let words = ["-c", script + #"; exec "$0" "$@""#, BuiltPrograms.path("fetchpool"), "-q"]
        // The test uses bash, because descriptor numbers above 9 do not work in every shell.
        let running = try RunningProgram("/bin/bash", words)
        try running.send("data:,x")
        #expect(try running.record()?.outcome == "ok")
        let other = try RunningProgram.run("/usr/bin/flock", ["--nonblock", lock, "/bin/true"])
        #expect(other.end == .status(1))
        running.endInput()
        #expect(try running.waitForEnd() == .status(0))
        let after = try RunningProgram.run("/usr/bin/flock", ["--nonblock", lock, "/bin/true"])
        #expect(after.end == .status(0))
    }

    /// The output file reaches the size limit, and ends with a complete record.
    ///
    /// `ulimit -f` of a POSIX shell counts blocks of 512 bytes.
    @Test(arguments: [0, 7, 100, 3_000])
    func aFullFileEndsWithACompleteRecord(padding: Int) throws {
        let folder = TestFolder()
        let text = String(repeating: "x", count: padding)
        let list = try folder.write((1...400).map { "data:,\($0)\(text)\n" }.joined(), to: "list")
        let out = folder.path + "/out"
        let finished = try shell("ulimit -f 16", ["-q", "-i", list, "-o", out])
        #expect(finished.end == .status(3))
        #expect(finished.errors.contains("cannot write \(out): File too large"))
        let written = try String(contentsOfFile: out, encoding: .utf8)
        #expect(written.utf8.count <= 8_192)
        #expect(written.utf8.count > 4_096)
        #expect(written.hasSuffix("}\n"))
        for line in written.split(separator: "\n") {
            #expect(line.hasPrefix(#"{"v":1,"id":"#) && line.hasSuffix("}"))
        }
    }

    /// After `ulimit -f 0`, no byte can be written to a file.
    @Test(arguments: ["manual", "--help", "schema records", "completion bash"])
    func aTextThatDoesNotFitIntoAFileHasAMessage(words: String) throws {
        let folder = TestFolder()
        let script = "exec >'\(folder.file("text"))'; ulimit -f 0"
        let finished = try shell(script, words.split(separator: " ").map(String.init))
        #expect(finished.end == .status(3))
        #expect(finished.errors.contains("cannot write standard output: File too large"))
    }

    @Test func aReportThatDoesNotFitIntoAFileLeavesNoFile() throws {
        let folder = TestFolder()
        let record = #"{"v":1,"id":1,"url":"data:,x","outcome":"ok"}"#
        let records = try folder.write(record + "\n", to: "records")
        let page = folder.file("page")
        let finished = try shell("ulimit -f 2", ["report", records, "-o", page])
        #expect(finished.end == .status(3))
        #expect(finished.errors.contains("cannot write --output '\(page)': File too large"))
        #expect(folder.names == ["records"])
    }

    /// The output is a named pipe that nobody reads.
    ///
    /// After one signal the run waits for 10 s, and then reports the lost records.
    @Test func lostRecordsAreReported() throws {
        let folder = TestFolder()
        let pipe = folder.path + "/pipe"
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        let running = try RunningProgram(BuiltPrograms.path("fetchpool"), ["-v", "-o", pipe, "data:,x"])
        try running.waitForErrors(holding: "started")
        running.signal(SIGTERM)
        try running.waitForErrors(holding: "the output did not accept the last records in time")
        #expect(try running.waitForEnd() == .status(143))
    }

    /// `ulimit -v` limits the address space, which contains the stack of each thread.
    ///
    /// The test tries several limits, because the program needs more address space on some systems than on
    /// others.
    @Test func missingThreadsHaveAMessage() throws {
        var sentences = 0
        for megabytes in stride(from: 60, through: 240, by: 15) {
            let finished = try shell("ulimit -v \(megabytes << 10)", ["data:,x"])
            if finished.errors.contains("no threads are left") {
                sentences += 1
                #expect(finished.end == .status(4))
                #expect(isSentence(finished.errors))
            }
            #expect(!finished.errors.contains("Domain="), "\(megabytes)")
        }
        #expect(sentences > 0)
    }

    /// Without `/proc`, Foundation starts no process, so `fetchpool` starts no worker.
    @Test(.enabled(if: MountNamespace.refusal == nil, "\(MountNamespace.refusal ?? "")"))
    func aSystemWithoutProcHasAMessage() throws {
        let hide = "mount -t tmpfs none /proc"
        let version = try MountNamespace.start(hide, "fetchpool", ["--version"]).finish()
        #expect(version.end == .status(0))
        let run = try MountNamespace.start(hide, "fetchpool", ["-q", "data:,x"]).finish()
        #expect(run.end == .status(4))
        #expect(run.errors.contains("/proc is not mounted"))
        // `fetchpool-fetch` starts no process, and works without `/proc`.
        let filter = try MountNamespace.start(hide, "fetchpool-fetch").finish(Array("data:,x\n".utf8))
        #expect(try filter.records.outcomes == ["ok": 1])
    }

    @Test(.enabled(if: MountNamespace.refusal == nil, "\(MountNamespace.refusal ?? "")"))
    func aSystemWithoutDevNullHasAMessage() throws {
        let hide = "mount -t tmpfs none /dev"
        for arguments in [[], ["-w", "1", "-x", BuiltPrograms.path("fixture-processor")]] {
            let words = ["-q"] + arguments + ["data:,x"]
            let run = try MountNamespace.start(hide, "fetchpool", words).finish()
            #expect(run.end == .status(4))
            #expect(run.errors.contains("cannot open /dev/null: No such file or directory"), "\(run.errors)")
        }
    }

    /// A folder whose path is not UTF-8, and a folder in which the path cannot be walked.
    @Test(arguments: ["mkdir caf\\351; cd caf\\351", "mkdir -p a/b; cd a/b; chmod 0 ../../a"])
    func aRunInheritsItsFolder(change: String) throws {
        let folder = TestFolder()
        let script = #"cd '\#(folder.path)'; eval "$(printf '\#(change)')""#
        let finished = try shell(script, ["-q", "data:,x"])
        _ = try RunningProgram.run("/bin/chmod", ["-R", "u+rwx", folder.path])
        #expect(finished.end == .status(0), "\(finished.errors)")
    }

    /// systemd-logind removes the files of a user in `/dev/shm` when the user's last session ends.
    @Test func aSpoolThatIsRemovedDuringTheRunCostsNoPage() throws {
        let server = try FixtureServer()
        let folder = TestFolder()
        let running = try RunningProgram("fetchpool", ["-w", "1", "-p", "text", "--spool", folder.path])
        try running.send("\(server.base)/page/1")
        #expect(try running.record()?.outcome == "ok")
        for name in folder.names { try FileManager.default.removeItem(atPath: folder.file(name)) }
        for number in 2...20 { try running.send("\(server.base)/page/\(number)") }
        let finished = try running.finish()
        let outcomes = try finished.records.outcomes
        #expect(outcomes["process_error"] == nil && outcomes["cancelled", default: 0] > 0)
        #expect(finished.end == .status(3))
        #expect(finished.errors.contains("name another folder with --spool"), "\(finished.errors)")
    }

    /// The second page waits in the spool until the first is processed; meanwhile the spool is removed.
    @Test(arguments: ["raise", "os._exit(3)"])
    func aPageThatWaitsInARemovedSpoolIsNotBlamed(failure: String) throws {
        let server = try FixtureServer()
        let (folder, spool) = (TestFolder(), TestFolder())
        let scripts = Snippet.root.appendingPathComponent("Scripts").path
        let script = try folder.write(
            """
            import os, sys, time
            sys.path.insert(0, "\(scripts)")
            from fetchpool_worker import serve

            def parse(response):
                try:
                    response.body
                except OSError:
                    \(failure)
                while not os.path.exists("\(folder.file("go"))"):
                    time.sleep(0.01)

            serve(parse)

            """,
            to: "worker.py"
        )
        let options = ["-w", "1", "-x", "python3 '\(script)'", "--spool", spool.path]
        let running = try RunningProgram("fetchpool", options)
        for number in 1...2 { try running.send("\(server.base)/page/\(number)") }
        while try server.statistics().requests < 2 {}
        // The second body is in the spool soon after the request.
        Thread.sleep(forTimeInterval: 1)
        for name in spool.names { try FileManager.default.removeItem(atPath: spool.file(name)) }
        try folder.write("", to: "go")
        let finished = try running.finish()
        #expect(try finished.records.outcomes == ["ok": 1, "cancelled": 1])
        #expect(finished.end == .status(3))
        #expect(finished.errors.contains("was removed during the run; name another"), "\(finished.errors)")
    }

    @Test func aSpoolBeyondTheLimitOfFileSizesHasAMessage() throws {
        let server = try FixtureServer()
        let arguments = ["-q", "-w", "1", "-p", "text", "\(server.base)/bytes/20000"]
        let finished = try shell("ulimit -f 16", arguments)
        #expect(finished.end == .status(3))
        let sentence = "could not be written: File too large; raise the limit of file sizes (ulimit -f)\n"
        #expect(finished.errors.hasSuffix(sentence), "\(finished.errors)")
    }

    /// Each body is smaller than the limit, but all bodies together are larger.
    @Test func aSpoolKeepsItsFilesWithinTheLimitOfFileSizes() throws {
        let server = try FixtureServer()
        let urls = (0..<20).map { "\(server.base)/bytes/3000?\($0)" }
        let processor = ["-x", BuiltPrograms.path("fixture-processor")]
        let finished = try shell("ulimit -f 16", ["-q", "-w", "1", "-c", "1"] + processor + urls)
        #expect(finished.end == .status(0), "\(finished.errors)")
    }

    /// A body that never fits into the spool fails only its own task.
    @Test(.enabled(if: MountNamespace.refusal == nil, "\(MountNamespace.refusal ?? "")"))
    func aBodyLargerThanTheSpoolCostsOneRecord() throws {
        let server = try FixtureServer()
        let folder = TestFolder()
        let urls = ["/page/1", "/bytes/1500000", "/page/2", "/bytes/1040000"].map { server.base + $0 }
        let arguments = ["-q", "-p", "text", "--spool", folder.path] + urls
        let mount = "mount -t tmpfs -o size=1m,mode=700 none '\(folder.path)'"
        let records = try MountNamespace.start(mount, "fetchpool", arguments).finish().records
        #expect(records.outcomes == ["ok": 2, "fetch_error": 2])
        for record in records where record.outcome == "fetch_error" {
            #expect(record.errorClass == "too_large")
            #expect(record.errorMessage.contains("--spool"))
        }
    }

    /// The last body fits only if the spool keeps no file of an earlier segment as a spare.
    @Test(.enabled(if: MountNamespace.refusal == nil, "\(MountNamespace.refusal ?? "")"))
    func aBodyThatNeedsTheWholeSpoolIsProcessed() throws {
        let server = try FixtureServer()
        let folder = TestFolder()
        let urls = ((1...8).map { "/page/\($0)" } + ["/bytes/975000"]).map { server.base + $0 }
        let arguments = ["-q", "-w", "1", "-c", "1", "-p", "text", "--spool", folder.path] + urls
        let mount = "mount -t tmpfs -o size=1m,mode=700 none '\(folder.path)'"
        let records = try MountNamespace.start(mount, "fetchpool", arguments).finish().records
        // The processor gets the last body and refuses it, because the body is not HTML.
        #expect(records.outcomes == ["ok": 8, "process_error": 1])
    }

    /// A file that is mounted alone, as into a container, can be written, but rename(2) cannot replace it.
    @Test(.enabled(if: MountNamespace.refusal == nil, "\(MountNamespace.refusal ?? "")"))
    func filesThatCannotBeReplacedAreWrittenInPlace() throws {
        let folder = TestFolder()
        let names = ["stats", "metrics", "jar", "page"]
        // The old contents are longer than any new contents of `stats`.
        let old = String(repeating: "# old\n", count: 2_000)
        for name in names {
            try folder.write("", to: name)
            try folder.write(name == "jar" ? "# Netscape HTTP Cookie File\n" : old, to: "mounted/\(name)")
        }
        let mounts = names.map { "mount --bind '\(folder.file("mounted/\($0)"))' '\(folder.file($0))'" }
        let files = names.map { folder.file($0) }
        let options = ["--stats", files[0], "--metrics", files[1], "--cookie-jar", files[2]]
        let arguments = ["-q", "-o", folder.file("records"), "--report", files[3]] + options + ["data:,x"]
        let mount = mounts.joined(separator: "; ")
        let finished = try MountNamespace.start(mount, "fetchpool", arguments).finish()
        #expect(finished.end == .status(0) && finished.errors.isEmpty, "\(finished.errors)")
        let ends = ["}\n", "\n", "\n", "</html>\n"]
        for (name, end) in zip(names, ends) {
            let text = try folder.read("mounted/\(name)")
            #expect(text.hasSuffix(end) && !text.contains("# old"), "\(name)")
        }
        let again = ["report", folder.file("records"), "-o", files[3]]
        let report = try MountNamespace.start(mount, "fetchpool", again).finish()
        #expect(report.end == .status(0) && report.errors.isEmpty, "\(report.errors)")
        #expect(folder.names == ["jar", "metrics", "mounted", "page", "records", "stats"])
    }

    /// A file that is mounted read-only can neither be replaced nor be written.
    @Test(.enabled(if: MountNamespace.refusal == nil, "\(MountNamespace.refusal ?? "")"))
    func aFileThatIsMountedReadOnlyIsRefusedAtTheStart() throws {
        let folder = TestFolder()
        let jar = folder.file("jar")
        try folder.write("# Netscape HTTP Cookie File\n", to: "jar")
        let mount = "mount --bind '\(jar)' '\(jar)'; mount -o remount,bind,ro '\(jar)'"
        let arguments = ["-q", "--cookie-jar", jar, "data:,x"]
        let finished = try MountNamespace.start(mount, "fetchpool", arguments).finish()
        #expect(finished.output.isEmpty)
        #expect(finished.errors.contains("'\(jar)': Read-only file system"), "\(finished.errors)")
    }
}
