// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of sessions: cookies that one task receives and later tasks send.
@Suite(.ownThread)
struct SessionTests {
    private let site: SessionSite
    private let folder: TestFolder

    init() throws {
        site = try SessionSite()
        folder = TestFolder()
    }

    private var jar: String { folder.path + "/jar" }

    private static let programs = [("fetchpool", ["-q", "-w", "2"]), ("fetchpool-fetch", [])]

    private func mode(of path: String) -> mode_t {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    /// Returns the cookies that a request for `/cookies` sent; `record` is the request's record of `-p json`.
    ///
    /// The result is `nil` if there is no record, or the record has no such result.
    private func cookies(_ record: Record?) -> String? {
        (record?.result["value"] as? [String: Any])?["c"] as? String
    }

    // MARK: Login, crawl, jar

    @Test(arguments: programs)
    func theCookieOfALoginOpensPages(program: String, options: [String]) throws {
        let run = try RunningProgram(program, options + ["--cookie-jar", jar])
        try run.send(site.login())
        let login = try #require(try run.record())
        #expect(login.outcome == "ok" && login.status == 200, "\(login.errorMessage)")
        for page in 1...50 { try run.send("\(site.base())/pages/\(page)") }
        let pages = try (1...50).compactMap { _ in try run.record() }
        #expect(pages.outcomes == ["ok": 50])
        // The site's tasks stay with one worker.
        if program == "fetchpool" { #expect(Set(pages.map(\.workerPid)) == [login.workerPid]) }
        let finished = try run.finish()
        #expect(finished.end == .status(0), "\(finished.errors)")
        #expect(mode(of: jar) == 0o600)
        let lines = try folder.read("jar").split(separator: "\n")
        #expect(lines.first == "# Netscape HTTP Cookie File")
        #expect(lines.last == "#HttpOnly_127.0.0.1\tFALSE\t/pages\tFALSE\t0\tsid\t\(SessionSite.secret)")
        // Without the cookie, the pages are refused.
        let closed = try RunningProgram.run(program, options, input: "\(site.base())/pages/1")
        #expect(try closed.records.first?.status == 403)
        try checkCurlTakesTheJar()
        // A later run takes the cookie from the jar.
        let again = try RunningProgram.run(program, options + ["-b", jar], input: "\(site.base())/pages/7")
        #expect(try again.records.outcomes == ["ok": 1])
    }

    private func checkCurlTakesTheJar() throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/curl") else { return }
        let words = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--noproxy", "*"]
        let url = "\(site.base())/pages/1"
        #expect(try RunningProgram.run("/usr/bin/curl", words + ["-b", jar, url]).output == "200")
        #expect(try RunningProgram.run("/usr/bin/curl", words + [url]).output == "403")
    }

    @Test func aJarOfCurlBeginsASession() throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/curl") else { return }
        let words = ["-s", "-o", "/dev/null", "--noproxy", "*", "-c", jar, "-d", "password=open"]
        _ = try RunningProgram.run("/usr/bin/curl", words + ["\(site.base())/login"])
        let run = try RunningProgram.run("fetchpool", ["-q", "--cookies", jar, "\(site.base())/pages/1"])
        #expect(try run.records.outcomes == ["ok": 1], "\(run.errors)")
    }

    @Test(arguments: programs)
    func cookiesStayInTheirTaskWithoutASession(program: String, options: [String]) throws {
        let run = try RunningProgram(program, options + ["-c", "1"])
        try run.send(site.login())
        #expect(try run.record()?.outcome == "ok")
        try run.send("\(site.base())/pages/1")
        #expect(try run.record()?.status == 403)
    }

    // MARK: Workers

    @Test func theDeathOfAWorkerLosesNoCookie() throws {
        let run = try RunningProgram("fetchpool", ["-q", "-w", "1", "--cookie-jar", jar])
        try run.send(site.login())
        let login = try #require(try run.record())
        kill(try #require(login.workerPid), SIGKILL)
        try run.send("\(site.base())/pages/1")
        let page = try #require(try run.record())
        #expect(page.outcome == "ok" && page.workerPid != login.workerPid)
        _ = try run.finish()
        #expect(try folder.read("jar").contains(SessionSite.secret))
    }

    @Test func hostsBelowOneDomainShareItsCookies() throws {
        let run = try RunningProgram(
            "fetchpool",
            ["-q", "-w", "2", "-p", "json", "--fetchers", "2", "--session"]
        )
        let field = "/set?both=1;%20Domain=site.localhost"
        try run.send("\(site.base("a.site.localhost"))\(field)")
        _ = try run.record()
        try run.send("\(site.base("b.site.localhost"))/cookies")
        #expect(try cookies(run.record()) == "both=1")
        try run.send("\(site.base("c.other.localhost"))/cookies")
        #expect(try cookies(run.record()) == "")
        // No response can set a cookie for all hosts below a top-level domain such as `localhost`.
        try run.send("\(site.base("a.site.localhost"))/set?all=1;%20Domain=localhost")
        _ = try run.record()
        try run.send("\(site.base("c.other.localhost"))/cookies")
        #expect(try cookies(run.record()) == "")
    }

    /// A worker follows a redirect from one site to another, and the other site sets a cookie.
    ///
    /// The worker of the other site gets this cookie too.
    @Test func aCookieFromAnotherSiteReachesTheWorkerOfThatSite() throws {
        let run = try RunningProgram(
            "fetchpool",
            ["-q", "-w", "2", "-p", "json", "--fetchers", "2", "--session"]
        )
        let two = site.base("two.localhost")
        // One worker waits for `/hang`, so the first task of `two.localhost` goes to the other worker. Later
        // tasks of `two.localhost` go to this other worker too.
        try run.send("\(site.base("x.one.localhost"))/hang")
        try run.send("\(two)/cookies")
        #expect(try cookies(run.record()) == "")
        try run.send("\(site.base("one.localhost"))/there?\(two)/set%3Ftwo=2!one=1")
        #expect(try run.record()?.status == 200)
        try run.send("\(two)/cookies")
        #expect(try cookies(run.record()) == "two=2")
        try run.send("\(site.base("one.localhost"))/cookies")
        #expect(try cookies(run.record()) == "one=1")
    }

    @Test func aChildCoordinatorSendsCookiesToItsParent() throws {
        let below = "'\(BuiltPrograms.path("fetchpool"))' --supervised -w 1"
        let run = try RunningProgram("fetchpool", ["-q", "-w", "2", "--worker", below, "--cookie-jar", jar])
        try run.send(site.login())
        let login = try #require(try run.record())
        #expect(login.outcome == "ok", "\(login.errorMessage)")
        kill(try #require(login.workerPid), SIGKILL)
        try run.send("\(site.base())/pages/1")
        #expect(try run.record()?.outcome == "ok")
        _ = try run.finish()
        #expect(try folder.read("jar").contains(SessionSite.secret))
    }

    // MARK: Requests

    @Test(arguments: programs)
    func cookiesOfATaskAreSentBesideThoseOfTheSession(program: String, options: [String]) throws {
        let run = try RunningProgram(program, options + ["--session", "--cookie-jar", jar])
        try run.send("\(site.base())/set?jar=1")
        _ = try run.record()
        try run.send("\(site.base())/set?mine=theirs")
        _ = try run.record()
        try run.send(#"{"url":"\#(site.base())/x","headers":{"Cookie":"mine=2"}}"#)
        _ = try run.record()
        try run.send("\(site.base("localhost"))/x")
        _ = try run.record()
        let sent = site.server.requests.suffix(2).map { $0.values("cookie") }
        #expect(sent == [["mine=2; jar=1"], []])
    }

    @Test func aRedirectToAnotherHostGetsCookiesOfTheSessionOnly() throws {
        let run = try RunningProgram("fetchpool", ["-q", "-w", "1", "--session"])
        let there = site.base("there.localhost")
        try run.send("\(there)/set?known=1")
        _ = try run.record()
        try run.send(
            #"{"url":"\#(site.base())/there?\#(there)/x!here=1","headers":{"Cookie":"mine=2"}}"#
        )
        _ = try run.record()
        #expect(site.server.requests.suffix(2).map { $0.values("cookie") } == [["mine=2"], ["known=1"]])
    }

    @Test func aCookieIsRemovedByMaxAgeZero() throws {
        let run = try RunningProgram("fetchpool", ["-q", "-w", "1", "--cookie-jar", jar])
        for field in ["a=1", "b=2", "a=;%20Max-Age=0", "c=3;%20Secure"] {
            try run.send("\(site.base())/set?\(field)")
            _ = try run.record()
        }
        try run.send("\(site.base())/x")
        _ = try run.record()
        #expect(site.server.requests.last?.values("cookie") == ["b=2"])
        _ = try run.finish()
        #expect(try folder.read("jar").split(separator: "\n").filter { !$0.hasPrefix("#") }.count == 1)
    }

    // MARK: Files

    @Test(arguments: programs)
    func aBadLineIsNamedWithItsFile(program: String, options: [String]) throws {
        let file = try folder.write(
            "# Netscape HTTP Cookie File\n127.0.0.1 \(SessionSite.secret)\n",
            to: "bad"
        )
        let run = try RunningProgram.run(program, options + ["--cookies", file], input: "data:,x")
        #expect(run.end == .status(2) && run.output == "")
        #expect(
            run.errors.contains("--cookies: the file '\(file)', line 2: expected 7 columns"),
            "\(run.errors)"
        )
        #expect(!run.errors.contains(SessionSite.secret))
    }

    @Test(arguments: programs)
    func aJarThatCannotBeWrittenEndsTheRunAtOnce(program: String, options: [String]) throws {
        for name in [folder.path, folder.path + "/none/jar"] {
            let run = try RunningProgram.run(program, options + ["--cookie-jar", name], input: "data:,x")
            #expect(run.end == .status(3) && run.output == "")
            #expect(run.errors.contains("cannot write --cookie-jar '\(name)': "), "\(run.errors)")
        }
    }

    /// The test sends two signals in a row, because timeout(1) signals its child process, and then the
    /// process group of both.
    ///
    /// The jar is a full pipe that nobody reads, so the filter cannot finish writing the jar.
    @Test func theSameSignalRightAfterTheFirstDoesNotEndAFilterThatWritesItsJar() throws {
        let pipe = try UnreadOutput()
        try pipe.fill()
        for _ in 1...20 {
            let run = try RunningProgram("fetchpool-fetch", ["--cookie-jar", pipe.path])
            try run.send(site.login())
            #expect(try run.record()?.outcome == "ok")
            let watch = try ProcessWatch(run.pid)
            run.signal(SIGTERM)
            run.signal(SIGTERM)
            // On a busy machine, the second signal can come more than 50 ms after the first. Then the second
            // signal ends the filter.
            guard !watch.hasEnded(within: .milliseconds(300)) else { continue }
            run.signal(SIGTERM)
            #expect(try run.waitForEnd() == .signal(SIGTERM))
            return
        }
        Issue.record("the second signal ended the filter each time")
    }

    @Test(arguments: programs, [SIGTERM, SIGINT, SIGHUP])
    func aSignalWritesTheJar(program: (String, [String]), signal: Int32) throws {
        let run = try RunningProgram(program.0, program.1 + ["--cookie-jar", jar, "--timeout", "2s"])
        try run.send(site.login())
        #expect(try run.record()?.outcome == "ok")
        try run.send("\(site.base())/hang")
        run.signal(signal)
        let end = try run.waitForEnd()
        #expect(end == (program.0 == "fetchpool" ? .status(128 + signal) : .signal(signal)))
        #expect(try folder.read("jar").contains(SessionSite.secret))
        #expect(folder.names == ["jar"])
    }

    /// A pipe must not get the jar twice.
    ///
    /// And if a new file replaced the jar, `/dev/fd/3` would still be the old file.
    @Test(arguments: [
        #"mkfifo "$1/pipe"; cat "$1/pipe" >"$1/jar" & exec "$0" "${@:2}" --cookie-jar "$1/pipe""#,
        #"exec "$0" "${@:2}" --cookie-jar >(cat >"$1/jar")"#,
        #"exec "$0" "${@:2}" --cookie-jar /dev/fd/3 3>"$1/jar""#,
    ])
    func aJarInAPipeOrADescriptorIsWrittenOnce(script: String) throws {
        let words = [BuiltPrograms.path("fetchpool"), folder.path, "-q", "-w", "1", "--timeout", "1s"]
        let run = try RunningProgram("/bin/bash", ["-c", script] + words)
        try run.send(site.login())
        #expect(try run.record()?.outcome == "ok")
        try run.send("\(site.base())/hang")
        run.signal(SIGTERM)
        // In the scripts that run `cat`, `finish` waits until `cat` has written the file, because `cat` has
        // standard error open until then.
        let finished = try run.finish()
        #expect(finished.end == .status(143) && finished.errors == "")
        let lines = try folder.read("jar").split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("# Netscape") } == 1)
        #expect(lines.last?.hasSuffix(SessionSite.secret) == true)
    }

    @Test func onlyTheLastWriteOfTheJarDecidesTheStatus() throws {
        let (here, away) = (folder.makeFolder("here"), folder.file("away"))
        let options = ["-w", "1", "--timeout", "2s", "--cookie-jar", here.file("jar")]
        let run = try RunningProgram("fetchpool", options)
        try run.send(site.login())
        #expect(try run.record()?.outcome == "ok")
        try run.send("\(site.base())/hang")
        let deadline = ContinuousClock.now + RunningProgram.patience
        while site.server.requests.last?.target != "/hang", ContinuousClock.now < deadline { usleep(1_000) }
        #expect(unsafe rename(here.path, away) == 0)
        run.signal(SIGTERM)
        // The first write of the jar, which fails, comes before this message.
        try run.waitForErrors(holding: "interrupted")
        #expect(unsafe rename(away, here.path) == 0)
        #expect(try run.waitForEnd() == .status(143))
        #expect(try here.read("jar").contains(SessionSite.secret))
    }

    @Test func aSignalWritesTheJarOfAFilterWhoseRecordsNobodyReads() throws {
        let run = try RunningProgram("fetchpool-fetch", ["--cookie-jar", jar])
        try run.send(site.login())
        #expect(try run.record()?.outcome == "ok")
        // These records fill the pipe. The input ends, but the program still waits for a reader of the pipe.
        let url = "data:," + String(repeating: "x", count: 10_000)
        try run.send((1...20).map { _ in url }.joined(separator: "\n"))
        run.endInput()
        usleep(500_000)
        run.signal(SIGTERM)
        #expect(try run.waitForEnd() == .signal(SIGTERM))
        #expect(try folder.read("jar").contains(SessionSite.secret))
    }

    @Test func aJarBehindALinkIsReplacedByANewFile() throws {
        let file = try folder.write("old", to: "file")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        try FileManager.default.createSymbolicLink(atPath: jar, withDestinationPath: file)
        let old = try #require(FileHandle(forReadingAtPath: file))
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q", "--cookie-jar", jar],
            input: "\(site.base())/set?a=1"
        )
        #expect(run.end == .status(0))
        #expect(try old.readToEnd() == Data("old".utf8))
        #expect(mode(of: file) == 0o600)
        #expect(try folder.read("file").contains("a\t1"))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: jar) == file)
        #expect(folder.names.count == 2)
    }

    @Test func secretsAreInNoCommandLineRecordOrMessage() throws {
        let line = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\t\(SessionSite.secret)\n"
        let cookies = try folder.write(line, to: "cookies")
        let netrc = try folder.write(
            "machine 127.0.0.1 login me password \(SessionSite.secret)\n",
            to: "netrc"
        )
        let run = try RunningProgram(
            "fetchpool",
            ["-v", "-w", "1", "-b", cookies, "--netrc", netrc, "--cookie-jar", jar]
        )
        try run.send("\(site.base())/pages/1")
        let record = try run.line() ?? ""
        #expect(record.contains(#""outcome":"ok""#) && !record.contains(SessionSite.secret))
        for pid in try ProcessWatch.descendants(of: run.pid) + [run.pid] {
            let words = try String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
            #expect(!words.contains(SessionSite.secret))
        }
        let base64 = Data("me:\(SessionSite.secret)".utf8).base64EncodedString()
        #expect(site.server.requests.last?.values("authorization") == ["Basic \(base64)"])
        let finished = try run.finish()
        #expect(!finished.errors.contains(SessionSite.secret) && !finished.errors.contains(base64))
    }
}
