// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests with large bodies.
@Suite(.ownThread)
struct LargeBodyTests {
    private let folder: TestFolder

    init() throws { folder = TestFolder() }

    /// The script of a worker whose result is the number of bytes that it reads from the body's file.
    private static let worker = """
        import json, sys

        print('{"t":"hello","v":1}', flush=True)
        for line in sys.stdin:
            message = json.loads(line)
            if message.get("t") != "task":
                continue
            response = message["response"]
            with open(response["body_path"], "rb") as file:
                file.seek(response["body_offset"])
                count = len(file.read(response["bytes"]))
            print(json.dumps({"seq": message["seq"], "result": count}), flush=True)

        """

    /// While the bodies arrive, the fetch worker must keep sending beats.
    ///
    /// The coordinator ends a worker that sends nothing for too long.
    @Test func workersAreNotEndedWhileLargeBodiesArrive() throws {
        let (bodies, bytes) = (12, 31 << 20)
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: bytes)
        let server = try ScriptedServer { _, peer in
            peer.respond(body: body)
            return .keep
        }
        let script = try folder.write(Self.worker, to: "worker.py")
        let urls = (0..<bodies).map { "\(server.base)/\($0)" }
        let arguments = ["-w", "1", "-c", "\(bodies)", "--per-host", "0", "--timeout", "5m"]
        let finished = try RunningProgram("fetchpool", arguments + ["-x", "python3 '\(script)'"] + urls)
            .finish(within: .seconds(300))
        let records = try finished.records
        #expect(records.outcomes == ["ok": bodies], "\(finished.errors)")
        #expect(finished.output.components(separatedBy: "\"result\":\(bytes)").count == bodies + 1)
        #expect(!finished.errors.contains("restarts"), "\(finished.errors)")
        #expect(server.requests.count == bodies)
    }

    /// If a fetch worker did not reuse the memory of earlier bodies, it would spend a third of the time of a
    /// fetch on new memory from the kernel.
    @Test func bodiesOfAMegabyteReuseEarlierMemory() throws {
        let server = try FixtureServer()
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1", "-c", "4", "-p", "json"])
        func faults(_ bodies: Int) throws -> Int {
            var worker: Int32?
            for number in 0..<bodies { try running.send("\(server.base)/bytes/1048576?\(number)") }
            for _ in 0..<bodies {
                let record = try #require(try running.record())
                #expect(record.bodyBytes == 1_048_576)
                worker = record.workerPid
            }
            // The tenth field is the number of minor page faults (proc(5)). The second field, the program's
            // name in parentheses, may contain blanks.
            let stat = try String(contentsOfFile: "/proc/\(try #require(worker))/stat", encoding: .utf8)
            let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
            return try #require(fields.dropFirst(7).first.flatMap { Int($0) })
        }
        let before = try faults(20)
        let after = try faults(40)
        #expect(after - before < 40 * 64)
    }

    /// The text of a page may be nearly as long as the page, and a line of a worker has a limit.
    @Test func textThatIsTooLongForALineEndsEarly() throws {
        let page = Array("<p>".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 17 << 20)
        let server = try ScriptedServer { _, peer in
            peer.respond("200 OK", "Content-Type: text/html", body: page)
            return .keep
        }
        let arguments = ["-q", "-w", "1", "-p", "text", "--task-deadline", "5m", server.base]
        let finished = try RunningProgram("fetchpool", arguments).finish(within: .seconds(300))
        let record = try #require(try finished.records.first)
        #expect(record.outcome == "ok")
        #expect(record.result["truncated"] as? Bool == true)
        #expect((record.result["text"] as? String)?.utf8.count ?? 0 > 16_000_000)
    }
}
