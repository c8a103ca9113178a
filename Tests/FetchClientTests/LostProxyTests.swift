// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of the errors of lost proxies (`TaskError.isOfLostProxy`).
@Suite(.ownThread)
struct LostProxyTests {
    /// Returns the error of a request through a proxy, with a connect time-out of 1.5 s.
    private func error(_ url: String, through proxy: String) throws -> TaskError {
        var settings = FetchSettings()
        settings.proxy = try ProxyURL(reading: proxy)
        settings.connectTimeout = .milliseconds(1_500)
        let result = try #require(try DrivenClient(settings).fetch(url))
        return try #require(result.error)
    }

    @Test(arguments: ["http", "socks5", "socks5h"])
    func aProxyThatAcceptsNoConnectionIsLost(scheme: String) throws {
        let port = try LoopbackPort.unreachable()
        let error = try error("http://127.0.0.9:1/", through: "\(scheme)://127.0.0.1:\(port.number)")
        #expect(error.errorClass == .timeoutConnect && error.isOfLostProxy, "\(error.message)")
    }

    /// libcurl repeats the second request, because the proxy closes the kept connection without a response.
    @Test(arguments: [true, false])
    func aProxyThatDisappearsBetweenRequestsIsLost(isProxy: Bool) throws {
        let port = try LoopbackPort.unreachableAfterAResponse()
        var settings = FetchSettings()
        settings.concurrency = 1
        if isProxy { settings.proxy = try ProxyURL(reading: "http://127.0.0.1:\(port.number)") }
        settings.connectTimeout = .milliseconds(1_500)
        let client = try DrivenClient(settings)
        let url = isProxy ? "http://127.0.0.9:1/" : "http://127.0.0.1:\(port.number)/"
        #expect(try client.fetch(url)?.error == nil)
        let error = try #require(try client.fetch(url)?.error)
        #expect(error.errorClass == .timeoutConnect && error.isOfLostProxy == isProxy, "\(error.message)")
    }

    /// A proxy that accepts a connection and does not respond may be waiting for the server of the URL.
    @Test(arguments: ["http", "socks5", "socks5h"])
    func aProxyThatDoesNotRespondIsNotLost(scheme: String) throws {
        let port = try LoopbackPort.silent()
        let error = try error("https://127.0.0.9:1/", through: "\(scheme)://127.0.0.1:\(port.number)")
        #expect(error.errorClass == .timeoutConnect && !error.isOfLostProxy, "\(error.message)")
    }
}
