// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of processing workers: the bundled workers and workers of users.
@Suite(.ownThread)
struct ProcessingTests {
    private let server: FixtureServer
    private let folder: TestFolder

    init() throws {
        server = try FixtureServer()
        folder = TestFolder()
    }

    @Test func theSpoolIsEmptyAfterTheLinksOfAllPagesWereFound() throws {
        let pages = (1...200).map { "\(server.base)/page/\($0)" }
        let input = try folder.write(pages.joined(separator: "\n"), to: "pages")
        let spool = folder.makeFolder("spool")
        let arguments = ["-q", "-p", "links", "--spool", spool.path, "--spool-limit", "2MiB", "-i", input]
        let finished = try RunningProgram.run("fetchpool", arguments)
        let records = try finished.records
        #expect(finished.end == .status(0))
        #expect(records.sortedIDs == Array(1...200))
        try #require(records.outcomes == ["ok": 200])
        for record in records {
            #expect((record.result["links"] as? [Any])?.isEmpty == false)
        }
        #expect(spool.names == [])
        #expect(try server.statistics().requests == 200)
    }

    @Test(arguments: [
        ("links", "/page/3", "title", "Page 3: harbour table morning wi"),
        ("text", "/text/latin1", "title", "Café crème"),
        ("text", "/text/latin1", "text", "Déjà vu à Noël, façade."), ("json", "/get", "type", "object"),
    ])
    func bundledProcessorsGiveResults(processor: String, path: String, member: String, value: String) throws {
        let finished = try RunningProgram.run("fetchpool", ["-q", "-p", processor, server.base + path])
        let record = try #require(finished.records.first)
        #expect(record.result[member] as? String == value)
    }

    @Test(arguments: ["text", "links", "json"])
    func anEmptyBodyIsNotProcessed(processor: String) throws {
        let urls = [
            server.base + "/bytes/0", "data:text/html,", "data:application/json,",
            server.base + "/status/204",
        ]
        let finished = try RunningProgram.run("fetchpool", ["-q", "-p", processor] + urls)
        let records = try finished.records
        #expect(records.outcomes == ["ok": 4])
        #expect(records.allSatisfy { $0.result.isEmpty && $0.processorPid == nil })
        #expect(finished.end == .status(0))
    }

    @Test func linksAreFoundAfterARedirectToAnUnusualURL() throws {
        let paths = ["/page/3", "/redirect-to?url=%2Fpage%2F3%3Foff%3D50%25"]
        let urls = paths.map { server.base + $0 }
        let records = try RunningProgram.run("fetchpool", ["-q", "-p", "links"] + urls).records
        try #require(records.outcomes == ["ok": 2])
        let links = records.map { $0.result["links"] as? [String] ?? [] }
        #expect(links[0].count > 1 && links[0].count == links[1].count)
    }

    @Test(arguments: [("text", "/get"), ("links", "/bytes/10"), ("json", "/page/1")])
    func aTypeThatTheProcessorRefusesIsAProcessError(processor: String, path: String) throws {
        let finished = try RunningProgram.run("fetchpool", ["-q", "-p", processor, server.base + path])
        let record = try #require(finished.records.first)
        #expect(record.outcome == "process_error")
        #expect(record.errorClass == "processor")
        #expect(record.errorMessage.hasPrefix("the \(processor) processor takes"))
        #expect(finished.end == .status(1))
    }

    private static let python = """
        import json, sys

        for line in sys.stdin:
            task = json.loads(line)
            if task["t"] == "task":
                body = task["response"].get("body")
                if body is None:
                    with open(task["response"]["body_path"], "rb") as file:
                        file.seek(task["response"]["body_offset"])
                        body = file.read(task["response"]["bytes"]).decode()
                print(json.dumps({"seq": task["seq"], "result": {"end": body[-8:], "length": len(body)}}), flush=True)

        """

    @Test func aPythonWorkerWithoutHelloWorks() throws {
        let script = try folder.write(Self.python, to: "two words.py")
        let running = try RunningProgram("fetchpool", ["-q", "-x", "python3 '\(script)'", "-w", "2"])
        for number in 1...40 { try running.send("\(server.base)/page/\(number)") }
        // These bodies are so small that the task messages contain them.
        for number in 41...60 { try running.send("\(server.base)/get?\(number)") }
        let finished = try running.finish()
        let records = try finished.records
        try #require(records.outcomes == ["ok": 60], "\(finished.errors)")
        #expect(records.sortedIDs == Array(1...60))
        for record in records {
            let isPage = (Int(record.id) ?? 0) <= 40
            #expect(record.result["end"] as? String == (isPage ? "</html>\n" : ":[1,23]}"))
        }
        #expect(try server.statistics().repeated == 0)
    }

    /// Returns the script of a worker that runs the statement `text` before it prints each result.
    ///
    /// The statement prints no line feed.
    private static func printing(_ text: String) -> String {
        """
        import json, sys

        for line in sys.stdin:
            task = json.loads(line)
            if task["t"] == "task":
                \(text)
                print(json.dumps({"seq": task["seq"], "result": 1}), flush=True)

        """
    }

    @Test(arguments: [
        #"sys.stdout.write("".join(f"\r{done:>3} % {'#' * done}" for done in range(1_000)))"#,
        #"sys.stdout.write(str([{"page": number} for number in range(100)]))"#,
    ])
    func aLongTextWithoutALineFeedDoesNotHideTheResultBehindIt(text: String) throws {
        let script = try folder.write(Self.printing(text), to: "bar.py")
        let arguments = ["-q", "--task-deadline", "30s", "-x", "python3 '\(script)'", "data:,a", "data:,b"]
        let finished = try RunningProgram.run("fetchpool", arguments)
        #expect(try finished.records.outcomes == ["ok": 2], "\(finished.output)")
    }

    @Test func aWorkerThatPrintsWithoutEndIsEndedLongBeforeItsDeadline() throws {
        let text = #"while True: sys.stdout.write("x" * (1 << 20))"#
        let script = try folder.write(Self.printing(text), to: "endless.py")
        let arguments = [
            "-q", "--crash-retries", "0", "--task-deadline", "10m", "-x", "python3 '\(script)'", "data:,a",
        ]
        let record = try #require(try RunningProgram.run("fetchpool", arguments).records.first)
        #expect(record.errorClass == "worker_protocol", "\(record)")
    }

    @Test func onlyPagesThatEndTheirWorkerFail() throws {
        let wishes = ["crash": "SIGSEGV", "abort": "SIGABRT", "exit:3": "3", "exit:0": "0"]
        let crashing = wishes.keys.map { "\(server.base)/task/\($0)/x" }
        let fine = (1...30).map { "\(server.base)/page/\($0)" } + ["\(server.base)/task/print/x"]
        let input = (fine[..<15] + crashing + fine[15...]).joined(separator: "\n")
        let command = "\(BuiltPrograms.path("fixture-processor")) --supervised"
        let finished = try RunningProgram.run("fetchpool", ["-q", "-w", "2", "-x", command], input: input)
        let records = try finished.records
        #expect(finished.end == .status(1))
        #expect(records.sortedIDs == Array(1...35))
        try #require(records.outcomes == ["ok": 31, "worker_crash": 4])
        for record in records {
            let wish = record.url?.split(separator: "/").dropFirst(3).first.map(String.init) ?? ""
            let isLost = record.url?.contains("/task/") == true && wishes[wish] != nil
            #expect(record.outcome == (isLost ? "worker_crash" : "ok"), "\(record.url ?? "")")
            guard isLost else { continue }
            #expect(record.errorClass == "crash")
            #expect(record.signal ?? record.exitCode.map { "\($0)" } == wishes[wish])
        }
        #expect(try server.statistics().requests == 35)
        #expect(try server.statistics().repeated == 0)
    }
}
