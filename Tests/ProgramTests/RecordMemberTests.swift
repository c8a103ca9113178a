// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of `--fields` and `--headers`, which choose the members of a record.
@Suite(.ownThread)
struct RecordMemberTests {
    private let folder = TestFolder()

    private func run(_ arguments: [String]) throws -> RunningProgram.Finished {
        try RunningProgram.run("fetchpool", ["-q", "-w", "1"] + arguments)
    }

    private func names(_ line: String) throws -> Set<String> {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return Set((object ?? [:]).keys)
    }

    @Test(arguments: [[], ["--ordered"], ["-p", "links"], ["-p", "links", "--ordered"]])
    func aRecordHasTheChosenMembers(options: [String]) throws {
        let urls = ["data:text/html,%3Ca%20href=x%3E", "no url", "data:text/html,%3Ca%20href=y%3E"]
        let finished = try run(["--fields", "result,status,error"] + options + urls)
        let lines = finished.lines.sorted()
        try #require(lines.count == 3)
        let processed = options.contains("links")
        #expect(
            lines[0].hasPrefix(
                #"{"v":1,"id":1,"url":"data:text/html,%3Ca%20href=x%3E","outcome":"ok","status":200"#
            )
        )
        let expected = Set(["v", "id", "url", "outcome", "status"] + (processed ? ["result"] : []))
        #expect(try names(lines[0]) == expected)
        #expect(try names(lines[1]) == ["v", "id", "url", "outcome", "error"])
    }

    @Test func anOutputWithFewMembersIsResumed() throws {
        let list = try folder.write("data:,1\nno url\ndata:,3\n", to: "list")
        let arguments = ["--fields", "id", "-i", list, "-o", folder.file("out"), "--resume"]
        #expect(try run(arguments + ["--limit", "2"]).end == .status(1))
        #expect(try run(arguments).end == .status(1))
        let records = try folder.read("out").split(separator: "\n").map { try Record(String($0)) }
        #expect(records.sortedIDs == [1, 2, 3])
        #expect(records.outcomes == ["ok": 2, "invalid": 1])
    }

    @Test func anUnknownMemberIsRefusedWithAllNames() throws {
        for list in ["status,statsu", "", "status,", "Status"] {
            let finished = try run(["--fields", list, "data:,"])
            #expect(finished.end == .status(2))
            #expect(finished.errors.contains("a record has no member '"), "\(finished.errors)")
            #expect(finished.errors.contains("choose from v,id,url,method,outcome,status,final_url,"))
        }
    }

    @Test func optionsForTheHeaderMustAgree() throws {
        let without = try run(["--fields", "headers", "data:,"])
        #expect(without.end == .status(2) && without.errors.contains("--headers"))
        let beside = try run(["--fields", "status", "--headers", "data:,"])
        #expect(beside.end == .status(2) && beside.errors.contains("--fields"))
        #expect(try run(["--fields", "status,headers", "--headers", "data:,"]).end == .status(0))
    }

    @Test(arguments: [
        [], ["-p", "text"], ["--worker", "'\(BuiltPrograms.path("fetchpool"))' --supervised"],
    ])
    func aRecordHasTheHeaderFieldsOfTheLastResponse(options: [String]) throws {
        let server = try ScriptedServer { request, peer in
            switch request.target {
            case "/from": peer.respond("302 Found", "Location: /to", "X-First: 1")
            case "/missing": peer.respond("404 Not Found", "X-Why: gone")
            default:
                peer.send(
                    Array("HTTP/1.1 200 OK\r\nX-A: 1\r\nServer: caf".utf8) + [0xE9]
                        + Array(
                            "\r\nx-a: \"2\"\t\u{1}z\r\nSet-Cookie: sid=secret=1; Path=/; HttpOnly\r\nContent-Length: 1\r\n\r\nx"
                                .utf8
                        )
                )
            }
            return .keep
        }
        let arguments = ["--headers", "--fields", "headers", "--ordered"] + options
        let urls = ["/from", "/missing"].map { server.base + $0 } + ["data:,a", "no url"]
        let lines = try run(arguments + urls).lines
        try #require(lines.count == 4)
        func field(_ name: String, _ value: String) -> String { #"{"name":"\#(name)","value":"\#(value)"}"# }
        let fields = [
            field("x-a", "1"), field("server", "café"), field("x-a", #"\"2\"\t\u0001z"#),
            field("set-cookie", "sid=[removed]; Path=/; HttpOnly"), field("content-length", "1"),
        ]
        #expect(lines[0].hasSuffix(#","headers":["# + fields.joined(separator: ",") + "]}"), "\(lines[0])")
        #expect(lines[1].contains(field("x-why", "gone")))
        #expect(!lines[2].contains("headers"))
        #expect(!lines[3].contains("headers"))
        #expect(!lines.joined().contains("secret"))
        #expect(server.connections > 0)
    }

    @Test func withoutTheOptionHeadersARecordHasNoHeaderFields() throws {
        let server = try FixtureServer()
        let output = try run(["\(server.base)/get"]).output
        #expect(output.contains(#""outcome":"ok""#) && !output.contains("headers"))
    }
}
