// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of TLS and HTTP/2, with servers whose certificates are good, or bad in different ways.
@Suite(.ownThread)
struct TLSTests {
    private let fixture: TLSFixture

    init() throws { fixture = try TLSFixture() }

    private func fetch(_ arguments: [String], _ certificates: [TLSFixture.Certificate]) throws -> [Record] {
        let urls = certificates.map { fixture.base($0) + "/" }
        let finished = try RunningProgram.run("fetchpool", ["-q", "-w", "1"] + arguments + urls)
        let records = try finished.records.sorted { $0.id < $1.id }
        try #require(records.count == urls.count, "\(finished.errors)")
        return records
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func serverWithATrustedCertificateIsFetchedOverHTTP2AndHTTP1(host: String) throws {
        let url = fixture.base(.good, host: host) + "/"
        for (more, version) in [([], "2"), (["--http1.1"], "1.1")] {
            let arguments = ["-q", "-w", "1", "--cacert", fixture.authority] + more + [url]
            let record = try #require(RunningProgram.run("fetchpool", arguments).records.first)
            #expect(record.outcome == "ok", "\(record.errorMessage)")
            #expect(record.httpVersion == version)
            #expect(record.timing["tls_ms"] != nil)
            #expect(record.isInsecure == nil)
        }
    }

    @Test func oneConnectionCarriesManyRequests() throws {
        let urls = (1...50).map { "\(fixture.base(.good))/?\($0)" }
        let arguments = ["-q", "-w", "1", "--cacert", fixture.authority]
        let finished = try RunningProgram.run("fetchpool", arguments, input: urls.joined(separator: "\n"))
        let records = try finished.records
        #expect(records.outcomes == ["ok": 50])
        #expect(records.allSatisfy { $0.httpVersion == "2" })
        #expect(records.count { $0.timing["tls_ms"] != nil } < 50)
    }

    /// Over HTTP/2, a header may be larger than the receive buffer of libcurl.
    ///
    /// libcurl 7.88 does not process such a header until more data arrives.
    @Test(arguments: [["-c", "1"], [], ["--http1.1"]])
    func longHeaderIsReadAtOnce(arguments: [String]) throws {
        let urls = (1...20).map { "\(fixture.base(.good))/long-header?\($0)" }
        let options = ["-q", "-w", "1", "--retries", "0", "--cacert", fixture.authority] + arguments
        let finished = try RunningProgram.run("fetchpool", options, input: urls.joined(separator: "\n"))
        #expect(try finished.records.outcomes == ["ok": 20])
    }

    /// Over HTTP/2, the server announces the end of a connection while more requests are on their way to the
    /// server (GOAWAY, RFC 9113 §6.8).
    @Test(arguments: [[], ["--http1.1"]])
    func connectionsThatEndAfterAFewRequestsLoseNoRequest(arguments: [String]) throws {
        let (gets, posts) = (100, 20)
        let url = fixture.base(.good) + "/few"
        let input =
            (1...gets).map { "\(url)?\($0)" }
            + (1...posts).map { #"{"url":"\#(url)?post\#($0)","method":"POST","body":"x"}"# }
        let options = ["-q", "-w", "1", "--retries", "0", "--per-host", "0", "--cacert", fixture.authority]
        let finished = try RunningProgram.run(
            "fetchpool",
            options + arguments,
            input: input.joined(separator: "\n")
        )
        #expect(try finished.records.outcomes == ["ok": gets + posts])
        let requests = try fixture.requests(atLeast: gets + posts)
        #expect(requests.count { $0.hasPrefix("POST") } == posts)
        #expect(Set(requests).count == gets + posts)
    }

    @Test func certificateOfAnUnknownAuthorityIsRefused() throws {
        let record = try #require(try fetch([], [.good]).first)
        #expect(record.failure == Failure("fetch_error", "tls", isRetryable: false))
    }

    @Test func badCertificateIsRefusedWithTheReason() throws {
        let reasons: [TLSFixture.Certificate: String] = [
            .wrongHost: "no alternative certificate subject name matches", .expired: "expired",
            .selfSigned: "self-signed",
        ]
        let bad = reasons.keys.sorted { $0.rawValue < $1.rawValue }
        let records = try fetch(["--cacert", fixture.authority], bad)
        for (certificate, record) in zip(bad, records) {
            #expect(record.failure == Failure("fetch_error", "tls", isRetryable: false), "\(certificate)")
            #expect(record.errorMessage.contains(reasons[certificate] ?? ""), "\(record.errorMessage)")
        }
    }

    /// The file of certificates that Debian and its derivatives trust.
    private static let bundle = "/etc/ssl/certs/ca-certificates.crt"

    @Test(
        .enabled(
            if: MountNamespace.refusal == nil && FileManager.default.fileExists(atPath: bundle),
            "the system's certificates cannot be replaced for one program"
        )
    )
    func systemsBundleIsTrustedByDefault() throws {
        let folder = TestFolder()
        let file = folder.path + "/bundle"
        let script = "cat \(Self.bundle) \(fixture.authority) >\(file); mount --bind \(file) \(Self.bundle)"
        let certificates: [TLSFixture.Certificate] = [.good, .wrongHost, .expired, .selfSigned]
        let input = certificates.map { fixture.base($0) + "/\n" }.joined()
        let finished = try MountNamespace.start(script, "fetchpool-fetch").finish(Array(input.utf8))
        let records = try finished.records.sorted { $0.id < $1.id }
        #expect(records.map(\.outcome) == ["ok", "fetch_error", "fetch_error", "fetch_error"])
        #expect(records.dropFirst().allSatisfy { $0.errorClass == "tls" })
    }

    @Test func insecureFetchesAnythingAndMarksEachRecord() throws {
        let records = try fetch(["--insecure"], TLSFixture.Certificate.allCases)
        #expect(records.outcomes == ["ok": 4])
        #expect(records.map(\.isInsecure) == [true, true, true, true])
        #expect(records.map(\.httpVersion) == ["2", "2", "2", "2"])
    }

    @Test func fetchWithoutTLSIsNotInsecure() throws {
        let server = try FixtureServer()
        let toTLS = "\(server.base)/redirect-to?url=\(fixture.base(.selfSigned))/"
        let urls = ["\(server.base)/get", toTLS]
        let finished = try RunningProgram.run("fetchpool", ["-q", "-w", "1", "--insecure"] + urls)
        let records = try finished.records.sorted { $0.id < $1.id }
        #expect(records.map(\.isInsecure) == [nil, true])
        #expect(records.outcomes == ["ok": 2])
    }

    @Test func keysOfConnectionsAreWrittenNowhere() throws {
        let folder = TestFolder()
        let program = BuiltPrograms.path("fetchpool-fetch")
        let arguments = ["SSLKEYLOGFILE=\(folder.path)/keys", program, "--cacert", fixture.authority]
        let finished = try RunningProgram.run("/usr/bin/env", arguments, input: fixture.base(.good) + "/\n")
        #expect(try finished.records.outcomes == ["ok": 1])
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/keys"))
    }

    @Test(arguments: ["/dev/null", "/etc/passwd", "/nonexistent/certificates"])
    func workerRefusesAFileWithoutCertificates(file: String) throws {
        let finished = try RunningProgram.run("fetchpool-fetch", ["--cacert", file])
        #expect(finished.end == .status(2))
        #expect(finished.errors.contains(file) && finished.errors.split(separator: "\n").count == 1)
    }

    @Test func redirectToABadCertificateIsRefused() throws {
        let arguments = ["-q", "--cacert", fixture.authority]
        let url = "\(fixture.base(.good))/redirect-to?url=\(fixture.base(.selfSigned))/"
        let record = try #require(RunningProgram.run("fetchpool", arguments + [url]).records.first)
        #expect(record.failure == Failure("fetch_error", "tls", isRetryable: false))
    }

    @Test(arguments: [true, false])
    func connectionThatStallsEndsWithTheConnectTimeout(isConnected: Bool) throws {
        let port = try isConnected ? LoopbackPort.silent() : LoopbackPort.unreachable()
        let url = "https://127.0.0.1:\(port.number)/"
        let arguments = ["-q", "-w", "1", "--retries", "0", "--connect-timeout", "300ms", url]
        let begun = ContinuousClock.now
        let record = try #require(RunningProgram.run("fetchpool", arguments).records.first)
        #expect(record.failure == Failure("fetch_error", "timeout_connect", isRetryable: true))
        // The total time-out is 30 s.
        #expect((.milliseconds(300) ..< .seconds(25)).contains(ContinuousClock.now - begun))
    }

    @Test func serverWithoutTLSGetsNoRequest() throws {
        let server = try FixtureServer()
        let url = "https://127.0.0.1:\(server.port)/get"
        let record = try #require(RunningProgram.run("fetchpool", ["-q", "--insecure", url]).records.first)
        #expect(record.failure == Failure("fetch_error", "tls", isRetryable: false))
        #expect(try server.statistics().requests == 0)
    }
}
