// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms
import TestThreads
import Testing

/// Tests that `fetchpool-fetch` as a filter, one coordinator, and two levels of coordinators write the same
/// records.
@Suite(.ownThread)
struct SameRecordsTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    /// Programs with arguments that must write the same records for the same list of tasks.
    ///
    /// The filter tries each URL once, so `--retries 0` makes the coordinators try each URL once too.
    private static var ways: [(program: String, arguments: [String])] {
        [
            ("fetchpool-fetch", []), ("fetchpool", ["-q", "--retries", "0"]),
            (
                "fetchpool",
                [
                    "-q", "--retries", "0", "-w", "2", "--worker",
                    "'\(BuiltPrograms.path("fetchpool"))' --supervised --workers 2",
                ]
            ),
        ]
    }

    private var list: [String] {
        let paths = [
            "/get", "/status/404", "/status/500", "/status/204", "/redirect/3", "/redirect/loop", "/gzip",
            "/reset",
            "/empty", "/truncate", "/echo", "/bytes/100000", "/text/latin1",
        ]
        let base = server.base
        // The bytes of `/garbage` are not a valid response. On a reused connection, these bytes might count
        // as a part of the previous response. This URL has another host name, to get a connection of its own.
        let garbage = base.replacing("127.0.0.1", with: "localhost") + "/garbage"
        return paths.map { base + $0 } + [
            garbage,
            "data:,hello%20there", "data:text/html;base64,PGI+", "not a url", "no.scheme/x", "{", "",
            #"{"url":"\#(base)/echo","id":"posted","method":"POST","body":"a=1","headers":{"X-A":"b"},"meta":[1,{"a":"ü"}]}"#,
            #"{"url":"\#(base)/hang","id":-7,"timeout_s":0.3}"#,
            #"{"url":"\#(base)/get","id":"bad","method":"nosuch","meta":null}"#,
        ]
    }

    @Test func theSameListGivesTheSameRecordsInEachWay() throws {
        let input = list.joined(separator: "\n") + "\n"
        var all: [[String]] = []
        for way in Self.ways {
            let finished = try RunningProgram.run(way.program, way.arguments, input: input)
            #expect(finished.end == .status(way.program == "fetchpool" ? 1 : 0))
            let records = try finished.records.sorted { $0.id < $1.id }
            #expect(records.count == list.count - 1)
            all.append(try records.map { try $0.comparable })
            #expect(records.outcomes["ok"] == 10)
        }
        for index in all[0].indices {
            #expect(all[1][index] == all[0][index])
            #expect(all[2][index] == all[0][index])
        }
    }

    @Test(arguments: [0, 1, 2])
    func eachRecordIsWrittenWithoutWaitingForTheNextLine(way: Int) throws {
        let (program, arguments) = Self.ways[way]
        let running = try RunningProgram(program, arguments)
        for number in 1...300 {
            try running.send("\(server.base)/get?\(number)")
            let record = try #require(try running.record())
            #expect(record.id == "\(number)")
            #expect(record.outcome == "ok")
        }
        #expect(try running.finish().end == .status(0))
        #expect(try server.statistics().requests == 300)
    }
}
