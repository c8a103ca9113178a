// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the ids that workers receive with their tasks.
@Suite(.serialized, .ownThread)
struct TaskIDTests {
    /// A worker whose result is the task that it received.
    private static let python = """
        import json, sys

        for line in sys.stdin:
            message = json.loads(line)
            if message["t"] == "task":
                print(json.dumps({"seq": message["seq"], "result": message["task"]}), flush=True)

        """

    private let command: String
    private let folder: TestFolder

    init() throws {
        folder = TestFolder()
        command = "python3 '\(try folder.write(Self.python, to: "echo task.py"))'"
    }

    /// Input lines, each with the id that its record has and the worker gets; the id is empty if the line has
    /// no record.
    private static let lines: [(line: String, id: String)] = [
        ("data:,a", "1"), ("# no task", ""), (#"{"url":"data:,b","meta":{"id":5}}"#, "3"),
        (#"{"url":"data:,c","id":"mine"}"#, "mine"), (#"{"id":-7,"url":"data:,d"}"#, "-7"),
        (#"  { "url" : "data:,e" , "meta":[{}] }  "#, "6"),
        (#"{"\u0069d":"escaped","url":"data:,f"}"#, "escaped"),
    ]

    /// The options that run the worker's command: as a processor, in place of the fetch worker, and as a
    /// processor of a child coordinator.
    private static let ways: [@Sendable (String) -> [String]] = [
        { ["-x", $0] }, { ["--worker", $0] },
        { ["--worker", "'\(BuiltPrograms.path("fetchpool"))' --supervised -w 2 -x \"\($0)\""] },
    ]

    @Test(arguments: [0, 1, 2])
    func workersGetTheIDOfTheRecord(way: Int) throws {
        let input = Self.lines.map(\.line).joined(separator: "\n")
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q", "-w", "2"] + Self.ways[way](command),
            input: input
        )
        let records = try run.records
        try #require(records.outcomes == ["ok": 6], "\(run.errors)")
        #expect(Set(records.map(\.id)) == Set(Self.lines.map(\.id).filter { !$0.isEmpty }))
        for record in records {
            let told = record.result["id"].map { "\($0)" }
            #expect(told == record.id)
            #expect(record.result["url"] as? String == record.url)
        }
    }
}
