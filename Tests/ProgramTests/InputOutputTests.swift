// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the sources of lines, and of the destinations of records and statistics.
@Suite(.ownThread)
struct InputOutputTests {
    private let folder: TestFolder

    init() throws { folder = TestFolder() }

    @Test func idsAreNumberedOverURLsAndAllInputs() throws {
        let a = try folder.write("data:,a1\n# none\ndata:,a3", to: "a")
        let b = try folder.write("\n\ndata:,b3\n", to: "b")
        let arguments = ["-q", "data:,u1", "-i", a, "-i", "-", "data:,u2", "-i", b]
        let records = try RunningProgram.run("fetchpool", arguments, input: "data:,stdin\n").records
        let urls = Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0.url) })
        #expect(
            urls == [
                "1": "data:,u1", "2": "data:,u2", "3": "data:,a1", "5": "data:,a3", "6": "data:,stdin",
                "9": "data:,b3",
            ]
        )
        #expect(records.outcomes == ["ok": 6])
    }

    @Test(arguments: [
        ("", 0), ("\u{FEFF}data:,x\r\n", 1), ("data:,x", 1), ("  data:,x \n\n#\n", 1),
        ("data:,x\ndata:,x\n", 2),
    ])
    func inputsOfDifferentFormsAreRead(input: String, count: Int) throws {
        for program in ["fetchpool", "fetchpool-fetch"] {
            let finished = try RunningProgram.run(program, input: input)
            #expect(finished.end == .status(0))
            #expect(try finished.records.outcomes == (count == 0 ? [:] : ["ok": count]))
        }
    }

    /// The input is a TCP connection, which is reset in the middle of a line while a fetch is in flight.
    @Test func fetchpoolFetchWritesTheRecordsOfCompleteLinesIfItsInputIsReset() throws {
        let (isAsked, isReset) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let server = try ScriptedServer { request, peer in
            if request.target == "/list" {
                let base = "http://\(request.values("host")[0])"
                peer.send("\(base)/page\n\(base)/pa")
                _ = isAsked.wait(timeout: .now() + 30)
                isReset.signal()
                return .reset
            }
            isAsked.signal()
            _ = isReset.wait(timeout: .now() + 30)
            usleep(200_000)
            peer.respond("200 OK", "Set-Cookie: a=1; Max-Age=100")
            return .close
        }
        let jar = folder.path + "/jar"
        let script = """
            exec 3<>/dev/tcp/127.0.0.1/\(server.port)
            printf 'GET /list HTTP/1.1\\r\\nHost: 127.0.0.1:\(server.port)\\r\\n\\r\\n' >&3
            exec '\(BuiltPrograms.path("fetchpool-fetch"))' --cookie-jar '\(jar)' <&3 3<&-
            """
        let finished = try RunningProgram.run("/bin/bash", ["-c", script])
        #expect(finished.end == .status(3))
        #expect(
            finished.errors == "fetchpool-fetch: cannot read standard input: Connection reset by peer\n"
        )
        #expect(try finished.records.map(\.url) == [server.base + "/page"])
        #expect(try folder.read("jar").contains("\ta\t1"))
    }

    @Test func outputIsAppendedAfterAnIncompleteLine() throws {
        let earlier = "{\"v\":1,\"id\":1}\n"
        let torn = #"{"v":1,"id":2,"ur"#
        let output = try folder.write(earlier + torn, to: "records")
        for number in 1...2 {
            let finished = try RunningProgram.run("fetchpool", ["-o", output, "data:,\(number)"])
            #expect(finished.end == .status(0))
            #expect(finished.output == "")
        }
        let text = try folder.read("records")
        #expect(text.hasPrefix(earlier + torn + "\n") && text.hasSuffix("\n"))
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.count == 4)
        #expect(try lines.dropFirst(2).map { try Record($0).url } == ["data:,1", "data:,2"])
    }

    /// `>` writes at the file position, `>>` at the end of the file; with `-o`, fetchpool opens the file.
    @Test(arguments: ["> records", ">> records", "-o records"])
    func aFullFileEndsWithACompleteLine(way: String) throws {
        let input = try folder.write((1...100).map { "data:,\($0)" }.joined(separator: "\n"), to: "list")
        let program = BuiltPrograms.path("fetchpool")
        // The limit is 8 blocks of 512 bytes; without the trap, SIGXFSZ would end the program.
        let script =
            "cd '\(folder.path)'; trap '' XFSZ; ulimit -f 8; exec '\(program)' -q -i '\(input)' \(way)"
        let finished = try RunningProgram.run("/bin/sh", ["-c", script])
        #expect(finished.end == .status(3))
        #expect(finished.errors.contains("File too large; all records in the file are complete"))
        let text = try folder.read("records")
        #expect(text.hasSuffix("}\n"))
        for line in text.split(separator: "\n") { #expect(try Record(String(line)).outcome == "ok") }
    }

    @Test func theSummaryIsJSONWithTheCounts() throws {
        let server = try FixtureServer()
        let stats = folder.path + "/stats"
        let urls = ["/get", "/get", "/status/404", "/reset"].map { server.base + $0 }
        let finished = try RunningProgram.run("fetchpool", ["--stats", stats, "no.scheme"] + urls)
        #expect(finished.end == .status(1))
        let object = try JSONSerialization.jsonObject(with: Data(folder.read("stats").utf8))
        let summary = try #require(object as? [String: Any])
        #expect(summary["v"] as? Int == 1)
        #expect(summary["records"] as? Int == 5)
        let outcomes = ["ok": 2, "http_error": 1, "fetch_error": 1, "invalid": 1]
        #expect(summary["outcomes"] as? [String: Int] == outcomes)
        #expect(summary["errors"] as? [String: Int] == ["http_status": 1, "reset": 1, "scheme": 1])
        #expect(summary["worker_restarts"] as? Int == 0)
        #expect(summary["unusable_lines"] as? Int == 0)
        #expect((summary["latency_ms"] as? [String: Any])?["p50"] != nil)
        #expect((summary["seconds"] as? Double ?? 0) > 0)
    }
}
