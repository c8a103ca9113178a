// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Foundation
import Testing

@testable import FetchClient

/// Tests of the error classes for libcurl's result codes.
struct ResultCodeTests {
    struct Case: Sendable {
        var code: CURLcode
        var text = ""
        var wasReadyToSend = false
        var wasRedirected = false
        var wasInHeader = false
        var errorClass: ErrorClass
        var isRetryable: Bool
    }

    static let cases = [
        Case(code: CURLE_COULDNT_RESOLVE_HOST, errorClass: .dns, isRetryable: true),
        Case(code: CURLE_COULDNT_CONNECT, errorClass: .connect, isRetryable: true),
        Case(code: CURLE_PEER_FAILED_VERIFICATION, errorClass: .tls, isRetryable: false),
        Case(code: CURLE_SSL_CACERT_BADFILE, errorClass: .tls, isRetryable: false),
        Case(
            code: CURLE_SSL_CONNECT_ERROR,
            text: "wrong version number",
            errorClass: .tls,
            isRetryable: false
        ),
        Case(code: CURLE_SSL_CONNECT_ERROR, text: "SSL_ERROR_SYSCALL", errorClass: .reset, isRetryable: true),
        Case(
            code: CURLE_SSL_CONNECT_ERROR,
            text: "TLS connect error: error:0A000126:SSL routines::unexpected eof while reading",
            errorClass: .reset,
            isRetryable: true
        ),
        Case(code: CURLE_OPERATION_TIMEDOUT, errorClass: .timeoutConnect, isRetryable: true),
        Case(
            code: CURLE_OPERATION_TIMEDOUT,
            wasReadyToSend: true,
            errorClass: .timeoutTotal,
            isRetryable: true
        ),
        Case(
            code: CURLE_OPERATION_TIMEDOUT,
            text: "Resolving timed out after 9 milliseconds",
            wasReadyToSend: true,
            errorClass: .timeoutConnect,
            isRetryable: true
        ),
        Case(code: CURLE_GOT_NOTHING, errorClass: .reset, isRetryable: true),
        Case(code: CURLE_PARTIAL_FILE, errorClass: .reset, isRetryable: true),
        Case(code: CURLE_RECV_ERROR, text: "Recv failure", errorClass: .reset, isRetryable: true),
        Case(
            code: CURLE_RECV_ERROR,
            text: "Too large response headers",
            errorClass: .protocol,
            isRetryable: false
        ),
        Case(
            code: CURLE_RECV_ERROR,
            text: "CONNECT tunnel failed, response 403",
            errorClass: .connect,
            isRetryable: false
        ),
        Case(
            code: CURLE_RECV_ERROR,
            text: "CONNECT tunnel failed, response 502",
            errorClass: .connect,
            isRetryable: true
        ),
        Case(
            code: CURLE_RECV_ERROR,
            text: "CONNECT tunnel failed, response 408",
            errorClass: .connect,
            isRetryable: true
        ),
        Case(
            code: CURLE_RECV_ERROR,
            text: "CONNECT tunnel failed, response 425",
            errorClass: .connect,
            isRetryable: true
        ),
        Case(code: CURLE_PROXY, text: "SOCKS5: general failure", errorClass: .connect, isRetryable: true),
        Case(code: CURLE_HTTP2_STREAM, errorClass: .reset, isRetryable: true),
        Case(code: CURLE_HTTP2, errorClass: .protocol, isRetryable: true),
        Case(
            code: CURLE_UNSUPPORTED_PROTOCOL,
            text: "Unsupported HTTP version (1.2) in response",
            errorClass: .protocol,
            isRetryable: false
        ),
        Case(
            code: CURLE_UNSUPPORTED_PROTOCOL,
            text: "Unsupported response code in HTTP response",
            errorClass: .protocol,
            isRetryable: false
        ),
        Case(
            code: CURLE_RECV_ERROR,
            text: "nghttp2_session_mem_recv() returned -902:The user callback function failed",
            errorClass: .protocol,
            isRetryable: true
        ),
        Case(
            code: CURLE_RECV_ERROR,
            text: "error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0",
            errorClass: .tls,
            isRetryable: false
        ),
        Case(code: CURLE_BAD_FUNCTION_ARGUMENT, errorClass: .protocol, isRetryable: false),
        Case(code: CURLE_WEIRD_SERVER_REPLY, errorClass: .protocol, isRetryable: false),
        Case(code: CURLE_UNSUPPORTED_PROTOCOL, text: "HTTP/0.9", errorClass: .protocol, isRetryable: false),
        Case(code: CURLE_URL_MALFORMAT, wasRedirected: true, errorClass: .redirects, isRetryable: false),
        Case(code: CURLE_URL_MALFORMAT, errorClass: .url, isRetryable: false),
        Case(code: CURLE_BAD_CONTENT_ENCODING, errorClass: .decompress, isRetryable: false),
        Case(code: CURLE_FILESIZE_EXCEEDED, errorClass: .tooLarge, isRetryable: false),
        Case(code: CURLE_OUT_OF_MEMORY, errorClass: .oom, isRetryable: true),
        Case(code: CURLE_OUT_OF_MEMORY, wasInHeader: true, errorClass: .protocol, isRetryable: false),
    ]

    @Test(arguments: cases)
    func failureGetsItsClass(_ example: Case) {
        let fault = TransferFault(
            code: example.code,
            text: example.text,
            refusal: nil,
            wasReadyToSend: example.wasReadyToSend,
            wasRedirected: example.wasRedirected,
            wasInHeader: example.wasInHeader
        )
        #expect(fault.error.errorClass == example.errorClass)
        #expect(fault.error.isRetryable == example.isRetryable)
    }

    @Test(arguments: [
        ("HTTP/2 stream 1 was not closed cleanly before end of the underlying stream", false),
        ("transfer closed with 5 bytes remaining to read", true),
    ])
    func theMessageNamesAnAnnouncedLengthOnlyIfThereWasOne(text: String, namesLength: Bool) {
        let fault = TransferFault(
            code: CURLE_PARTIAL_FILE,
            text: text,
            refusal: nil,
            wasReadyToSend: true,
            wasRedirected: false
        )
        #expect(fault.error.errorClass == .reset && fault.error.isRetryable)
        #expect(fault.error.message.contains("announced length") == namesLength)
    }

    /// The texts are those of libcurl 7.88.
    @Test(arguments: [
        (CURLE_RECV_ERROR, "CONNECT tunnel failed, response 407"),
        (CURLE_PROXY, "No authentication method was acceptable."),
        (CURLE_PROXY, "User was rejected by the SOCKS5 server (1 1)."),
    ])
    func aProxyThatRefusesTheLoginIsNotTriedAgain(code: CURLcode, text: String) {
        let fault = TransferFault(
            code: code,
            text: text,
            refusal: nil,
            wasReadyToSend: false,
            wasRedirected: false
        )
        #expect(fault.error.errorClass == .connect && !fault.error.isRetryable)
        #expect(fault.error.message.contains("the proxy needs a user name and password"))
    }

    @Test(arguments: [
        ("429", "the proxy asks for a pause: "), ("503", "the proxy can make no connection now: "),
    ])
    func aProxyThatIsBusyIsTriedAgain(status: String, message: String) {
        let fault = TransferFault(
            code: CURLE_RECV_ERROR,
            text: "CONNECT tunnel failed, response \(status)",
            refusal: nil,
            wasReadyToSend: false,
            wasRedirected: false
        )
        #expect(fault.error.errorClass == .connect && fault.error.isRetryable)
        #expect(fault.error.message.hasPrefix(message))
    }

    /// libcurl reports a refused CONNECT with `CURLE_COULDNT_CONNECT` since version 8.21.0.
    ///
    /// Earlier versions use `CURLE_RECV_ERROR` with the same text.
    @Test(arguments: [
        ("tunnel failed, response 403", false, "the proxy made no connection"),
        ("tunnel failed, response 407", false, TaskError.refusalOfProxy),
        ("tunnel failed, response 408", true, "the proxy made no connection"),
        ("tunnel failed, response 429", true, TaskError.pauseOfProxy),
        ("tunnel failed, response 502", true, "the proxy made no connection"),
        ("tunnel failed, response 503", true, TaskError.shortageOfProxy),
        ("aborted", true, "the proxy made no connection"),
    ])
    func aRefusedTunnelIsNoLostProxy(cause: String, isRetryable: Bool, message: String) {
        for code in [CURLE_RECV_ERROR, CURLE_COULDNT_CONNECT] {
            let text = "CONNECT \(cause)"
            let error = failure(code) { ($0.text, $0.proxyName) = (text, "p.test") }
            #expect(error == TaskError(.connect, "\(message): \(text)", isRetryable: isRetryable))
            #expect(!error.isOfLostProxy)
        }
    }

    private func failure(_ code: CURLcode, _ change: (inout TransferFault) -> Void) -> TaskError {
        var fault = TransferFault(
            code: code,
            text: "",
            refusal: nil,
            wasReadyToSend: false,
            wasRedirected: false
        )
        change(&fault)
        return fault.error
    }

    @Test func aFailureOfTheProxyOrOfThisMachineIsNamed() {
        let proxy = failure(CURLE_COULDNT_CONNECT) { $0.proxyName = "p.test" }
        #expect(proxy == TaskError(.connect, "the proxy could not be reached", isRetryable: true))
        let machine = failure(CURLE_COULDNT_CONNECT) { ($0.proxyName, $0.lacksPort) = ("p.test", true) }
        #expect(machine.errorClass == .oom && machine.isRetryable)
        #expect(machine.message.hasPrefix("no local port is left"))
        let certificate = failure(CURLE_PEER_FAILED_VERIFICATION) { $0.isOfProxysTLS = true }
        #expect(certificate == TaskError(.tls, "no trusted TLS connection to the proxy could be made"))
        let name = failure(CURLE_COULDNT_RESOLVE_PROXY) { $0.proxyName = "p.test" }
        let notFound = "the proxy could not be reached, because its name was not found"
        #expect(name == TaskError(.dns, notFound, isRetryable: true))
    }

    /// The codes and texts are those of libcurl 7.88 for SOCKS proxies.
    @Test(arguments: [
        ("Could not resolve host: p.test", true), ("Could not resolve host: p.test.", true),
        ("Could not resolve host: p.test (Domain name not found)", true),
        ("Could not resolve host: www.p.test", false), ("Could not resolve host: p.test.example", false),
    ])
    func theNameOfASOCKSProxyIsDistinguishedFromThatOfAHost(text: String, isOfProxy: Bool) {
        let error = failure(CURLE_COULDNT_RESOLVE_HOST) {
            ($0.text, $0.proxyName) = (text, "p.test")
        }
        #expect(error.errorClass == .dns && error.isRetryable && error.isOfLostProxy == isOfProxy)
    }

    @Test(arguments: [true, false])
    func aTimeOutBeforeTheProxyWasReachedIsNamed(usesProxy: Bool) {
        let text = "Failed to connect to p.test port 3128 after 9000 ms: Timeout was reached"
        let error = failure(CURLE_OPERATION_TIMEDOUT) {
            ($0.text, $0.proxyName, $0.lacksConnection) = (text, usesProxy ? "p.test" : nil, true)
        }
        #expect(error.errorClass == .timeoutConnect && error.isRetryable && error.isOfLostProxy == usesProxy)
        let later = failure(CURLE_OPERATION_TIMEDOUT) { $0.proxyName = "p.test" }
        #expect(later.errorClass == .timeoutConnect && !later.isOfLostProxy)
    }

    @Test(arguments: [false, true])
    func theMessageOfATimeOutAfterARedirectHasNoTextOfLibcurl(wasRedirected: Bool) {
        let text = "Operation timed out after 400 milliseconds with 0 bytes received"
        let fault = TransferFault(
            code: CURLE_OPERATION_TIMEDOUT,
            text: text,
            refusal: nil,
            wasReadyToSend: true,
            wasRedirected: wasRedirected
        )
        #expect(fault.error.errorClass == .timeoutTotal && fault.error.isRetryable)
        #expect(fault.error.message.contains(text) != wasRedirected)
    }

    @Test(arguments: [(false, ErrorClass.protocol), (true, .reset)])
    func unexpectedBytesOnAReusedConnectionAreWorthARetry(wasReused: Bool, errorClass: ErrorClass) {
        let fault = TransferFault(
            code: CURLE_UNSUPPORTED_PROTOCOL,
            text: "Received HTTP/0.9 when not allowed",
            refusal: nil,
            wasReadyToSend: true,
            wasRedirected: true,
            wasReused: wasReused
        )
        #expect(fault.error.errorClass == errorClass)
        #expect(fault.error.isRetryable == wasReused)
    }

    /// Returns the names and numbers of `CURLcode` in curl/curl.h, in order.
    private func codesOfHeader() throws -> [(name: String, number: UInt32)] {
        let folders = ["/usr/include", "/usr/local/include"].flatMap { folder in
            let below = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return [folder] + below.map { folder + "/" + $0 }
        }
        let path = try #require(
            folders.map { $0 + "/curl/curl.h" }.first(where: FileManager.default.fileExists)
        )
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let enumeration = try #require(text.firstMatch(of: /typedef enum \{\s+CURLE_OK[\s\S]*?\} CURLcode;/))
        // Only names at the start of their lines count, because a comment may contain other names.
        let names = enumeration.output.matches(of: /\n +(CURLE_\w+|CURL_LAST)/).map { String($0.output.1) }
        #expect(names.last == "CURL_LAST")
        return names.dropLast().enumerated().map { ($1, UInt32($0)) }
    }

    @Test func everyCodeInCurlHHasACaseWithItsName() throws {
        let codes = try codesOfHeader()
        #expect(codes.count == Int(CURL_LAST.rawValue))
        for (name, number) in codes {
            let code = try #require(ResultCode(rawValue: number), "\(name) is not a case of ResultCode")
            let spelled = name.dropFirst("CURLE_".count).replacing("_", with: "").lowercased()
            #expect("\(code)".lowercased() == spelled, "\(name) is \(number)")
            let fault = TransferFault(
                code: CURLcode(number),
                text: "",
                refusal: nil,
                wasReadyToSend: true,
                wasRedirected: false
            )
            #expect(!fault.error.message.contains("unknown"), "\(name)")
        }
    }

    @Test func refusalOfTheClientReplacesTheCode() {
        let refusal = TaskError(.tooLarge, "too large")
        let fault = TransferFault(
            code: CURLE_WRITE_ERROR,
            text: "Failure writing output to destination",
            refusal: refusal,
            wasReadyToSend: true,
            wasRedirected: false
        )
        #expect(fault.error == refusal)
    }

    @Test(arguments: [
        (200, nil), (304, nil), (404, false), (408, true), (429, true), (500, true), (501, false),
        (524, true),
    ])
    func statusIsAnErrorFrom400On(_ status: Int, _ isRetryable: Bool?) {
        let error = TaskError.ofStatus(status)
        #expect(error?.isRetryable == isRetryable)
        #expect(error == nil || error?.errorClass == (status == 429 ? .rateLimited : .httpStatus))
    }
}
