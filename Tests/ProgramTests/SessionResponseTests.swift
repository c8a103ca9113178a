// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the cookies that servers set, of the files in which cookies are kept, and of messages that must
/// show no secret.
@Suite(.ownThread)
struct SessionResponseTests {
    private let site: SessionSite
    private let folder: TestFolder

    init() throws {
        site = try SessionSite()
        folder = TestFolder()
    }

    private var jar: String { folder.path + "/jar" }

    private static let programs = [("fetchpool", ["-q", "-w", "1"]), ("fetchpool-fetch", [])]

    /// Requests `paths` and then `/x`; returns the value of each field `Cookie` of the last request.
    private func cookies(
        after paths: [String],
        _ program: String = "fetchpool",
        _ options: [String] = ["-q", "-w", "1"]
    ) throws -> [String] {
        let run = try RunningProgram(program, options + ["--cookie-jar", jar])
        for path in paths + ["/x"] {
            try run.send(path.hasPrefix("/") ? site.base() + path : path)
            #expect(try run.record() != nil)
        }
        _ = try run.finish()
        return site.server.requests.last?.values("cookie") ?? []
    }

    /// The lines of the jar that hold cookies.
    private var lines: [String] {
        get throws {
            try folder.read("jar").split(separator: "\n").map(String.init)
                .filter { !$0.hasPrefix("# ") }
        }
    }

    @Test(
        arguments: [
            "204 No Content", "300 Multiple Choices", "304 Not Modified", "401 Unauthorized", "404 Not Found",
            "500 Internal Server Error",
        ]
    )
    func aCookieIsTakenWhateverTheStatus(status: String) throws {
        let status = status.replacingOccurrences(of: " ", with: "%20")
        let sent = try cookies(
            after: ["/status?\(status)!a=1"],
            "fetchpool",
            ["-q", "-w", "1", "--retries", "0"]
        )
        #expect(sent == ["a=1"])
    }

    /// The request that follows the redirect and the request of the next task have the cookie that the
    /// redirect set.
    @Test func aCookieOfARedirectIsSentWithTheNextRequest() throws {
        #expect(try cookies(after: ["/there?/y!a=1"]) == ["a=1"])
        #expect(site.server.requests.map { $0.values("cookie") } == [[], ["a=1"], ["a=1"]])
    }

    @Test func attributesSelectTheRequestsOfACookie() throws {
        let fields = [
            "gone=1", "gone=;%20Expires=Thu,%2001%20Jan%201970%2000:00:00%20GMT", "old=1",
            "old=;%20Max-Age=0",
            "negative=1;%20Max-Age=-1", "secure=1;%20Secure", "__Secure-a=1;%20Secure",
            "__Host-a=1;%20Path=/",
            "other=1;%20Domain=example.org", "public=1;%20Domain=com", "below=1;%20Path=/below",
            "strict=1;%20SameSite=Strict;%20Path=/;%20HttpOnly", "none=1;%20SameSite=None", "%C3%A9=%C3%BC",
            "big=" + String(repeating: "x", count: 4_094), "quoted=%22a%20b%22",
        ]
        #expect(
            try cookies(after: fields.map { "/set?\($0)" })
                == ["strict=1; none=1; \u{e9}=\u{fc}; quoted=\"a b\""]
        )
        let names = try lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false)[5] }
        #expect(names == ["below", "strict", "none", "\u{e9}", "quoted"])
        // A second run reads the jar that the first run has written.
        let again = try RunningProgram.run(
            "fetchpool-fetch",
            ["-b", jar, "--cookie-jar", jar],
            input: "\(site.base())/x"
        )
        #expect(try again.records.outcomes.count == 1 && again.end == .status(0), "\(again.errors)")
        #expect(
            site.server.requests.last?.values("cookie") == ["strict=1; none=1; \u{e9}=\u{fc}; quoted=\"a b\""]
        )
        #expect(try lines.count == 5)
    }

    @Test(arguments: programs)
    func atMost180CookiesOfAHostAreKeptAnd150AreSent(program: String, options: [String]) throws {
        let sent = try cookies(after: ["/many"], program, options)
        #expect(sent.first?.split(separator: ";").count == 150)
        #expect(try lines.count == 180)
    }

    @Test(arguments: programs)
    func aSecondRunAddsToTheJarOfTheFirst(program: String, options: [String]) throws {
        _ = try cookies(after: ["/set?a=1;%20Max-Age=1000"], program, options)
        #expect(try cookies(after: ["/set?b=2"], program, options + ["-b", jar]) == ["a=1; b=2"])
        #expect(try lines.count == 2)
    }

    /// If two runs write one jar at the same time, the jar has the cookies of one run, not a mixture.
    @Test func twoSimultaneousRunsLeaveTheJarOfOneRun() throws {
        let runs = try (1...2).map { _ in
            try RunningProgram("fetchpool", ["-q", "-w", "1", "--cookie-jar", jar])
        }
        for (number, run) in runs.enumerated() {
            for count in 1...20 { try run.send("\(site.base())/set?run\(number)n\(count)=1") }
        }
        for run in runs { #expect(try run.finish().end == .status(0)) }
        let owners = try Set(lines.map { $0.contains("run0") })
        #expect(try lines.count == 20 && owners.count == 1)
    }

    @Test func cookieFilesOfOtherProgramsAreRead() throws {
        let file = """
            # HTTP Cookie File\r
            $Version 1\r
            \r
            #HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\thttp\t1\r
            127.0.0.1:8080\tFALSE\t/\tFALSE\t4102444800\twget\t2\r
            127.0.0.1\tFALSE\t/\tFALSE\t4102444800.123456\tbrowser\t"3"\r
            127.0.0.1\tFALSE\t/\tFALSE\t\tpython\t4\r
            127.0.0.1\tFALSE\t/\tFALSE\t1\tended\t5\r
            .example.org\tTRUE\t/\tFALSE\t0\tother\t6

            """
        let cookies = try folder.write(file, to: "cookies")
        let run = try RunningProgram.run("fetchpool", ["-q", "-b", cookies, "\(site.base())/x"])
        #expect(run.errors == "")
        #expect(
            site.server.requests.last?.values("cookie") == ["http=1; wget=2; browser=\"3\"; python=4"]
        )
    }

    // MARK: HTTP/2

    /// A server in Python that prints its port, and sets two cookies in each response over HTTP/2.
    private static let server =
        PythonTLSServer.prelude + """
            def cookie(text):
                return b"\\x0f\\x28" + bytes([len(text)]) + text

            def serve(connection, number):
                for kind, _, stream, _ in frames(connection, connection.makefile("rb")):
                    if kind == 1:
                        fields = b"\\x88" + cookie(b"a=1; Secure") + cookie(b"__Host-b=2; Secure; Path=/")
                        connection.sendall(frame(1, 5, stream, fields))

            listen(serve)

            """

    @Test func cookiesComeOverHTTP2() throws {
        let fixture = try TLSFixture()
        let script = try folder.write(Self.server, to: "server.py")
        let files = fixture.files(.good)
        let server = try RunningProgram("/usr/bin/env", ["python3", script, files.certificate, files.key])
        let port = try #require(try server.line())
        let run = try RunningProgram.run(
            "fetchpool",
            [
                "-q", "-w", "1", "--cacert", fixture.authority, "--cookie-jar", jar,
                "https://localhost:\(port)/",
            ]
        )
        server.signal(SIGKILL)
        #expect(try run.records.outcomes == ["ok": 1], "\(run.output)")
        #expect(
            try lines == ["localhost\tFALSE\t/\tTRUE\t0\ta\t1", "localhost\tFALSE\t/\tTRUE\t0\t__Host-b\t2"]
        )
    }

    // MARK: Secrets

    /// The test makes two runs: in one, the worker prints an incomplete message and exits; in the other, the
    /// worker echoes its input.
    ///
    /// The messages of each run report the fault of its worker, but show no secret.
    @Test func messagesAboutAnUnusableLineShowNoSecret() throws {
        let line = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\t\(SessionSite.secret)\n"
        let cookies = try folder.write(line, to: "cookies")
        let netrc = try folder.write("machine h login me password \(SessionSite.secret)\n", to: "netrc")
        let torn = try folder.write(#"{"t":"beat","cookies":["\#(SessionSite.secret)"# + "\n", to: "torn")
        let faults = [
            (worker: "sh -c 'read line; cat \(torn); exit 3'", message: "unusable"),
            (worker: "cat", message: "echoes"),
        ]
        for (worker, message) in faults {
            let run = try RunningProgram.run(
                "fetchpool",
                [
                    "-v", "-w", "1", "--crash-retries", "0", "-b", cookies, "--netrc", netrc, "-H",
                    "X: \(SessionSite.secret)",
                    "--task-deadline", "2s", "--worker", worker, "\(site.base())/x",
                ]
            )
            #expect(run.errors.contains(message), "\(run.errors)")
            #expect(
                !run.errors.contains(SessionSite.secret) && !run.output.contains(SessionSite.secret),
                "\(run.errors)\(run.output)"
            )
        }
    }
}
