// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests of whole programs that read URLs in forms that users write.
@Suite(.ownThread)
struct URLTests {
    @Test func aUserNameAndPasswordAreNotShown() throws {
        let server = try FixtureServer()
        let secret = server.base.replacingOccurrences(of: "http://", with: "http://user:s%45cret@")
        // The last line is no URL, because its port is not a number.
        let input = "\(secret)/echo\n{\"url\":\"\(secret)/echo\",\"id\":\"x\"}\n\(secret)x/\n"
        for program in ["fetchpool", "fetchpool-fetch"] {
            let finished = try RunningProgram.run(program, input: input)
            for text in [finished.output, finished.errors] {
                #expect(!text.contains("cret") && !text.contains("user"))
            }
            let urls = try finished.records.compactMap(\.url).sorted()
            let expected: [String] = ["/echo", "/echo", "x/"].map { server.base + $0 }
            #expect(urls == expected)
        }
    }

    @Test func aDefaultSchemeMakesURLsOfBareHosts() throws {
        let server = try FixtureServer()
        let bare = server.base.replacingOccurrences(of: "http://", with: "")
        let input = "\(bare)/get\n{\"url\":\"\(bare)/get\"}\nnot a host\n"
        for program in ["fetchpool", "fetchpool-fetch"] {
            let finished = try RunningProgram.run(program, ["--default-scheme", "http"], input: input)
            let records = try finished.records.sorted { $0.id < $1.id }
            #expect(records.map(\.outcome) == ["ok", "ok", "invalid"])
            #expect(records.prefix(2).allSatisfy { $0.url == server.base + "/get" })
        }
    }

    @Test func aSupervisedCoordinatorTakesNoDefaultScheme() throws {
        let finished = try RunningProgram.run(
            "fetchpool",
            ["--supervised", "--default-scheme", "http"],
            input: ""
        )
        #expect(finished.end == .status(2))
        #expect(
            finished.errors.contains(
                "--default-scheme has no effect with --supervised; give it to the parent coordinator"
            )
        )
    }

    @Test func aProxyIsAskedForTheURLAsItIs() throws {
        let server = try ScriptedServer { _, peer in
            peer.respond()
            return .keep
        }
        let urls = [
            "http://a!b*c.test:81/x", "http://a.test/x?", "http://a.test/?a\\b|[c]^%7e%", "http://a.test/x",
        ]
        let arguments = ["--proxy", server.base, "-c", "1"]
        let input = urls.joined(separator: "\n")
        let records = try RunningProgram.run("fetchpool-fetch", arguments, input: input).records
        #expect(records.outcomes == ["ok": urls.count])
        #expect(server.requests.map(\.target) == urls)
        #expect(server.requests.first?.values("host") == ["a!b*c.test:81"])
    }

    @Test func aHostThatIsNoNameOfDNSIsNotFound() throws {
        let records = try RunningProgram.run("fetchpool-fetch", input: "http://*/\nhttp://a!b.test/").records
        #expect(records.count == 2)
        #expect(records.allSatisfy { $0.errorClass == "dns" }, "\(records.map(\.errorMessage))")
        #expect(records.allSatisfy { $0.errorMessage.contains("the names of hosts cannot have") })
    }
}
