// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Glibc
import TestThreads
import Testing

@Suite struct URLAndLibcurlTests {
    /// Parses a URL with libcurl and returns one part; `nil` if the part is missing or libcurl refuses the
    /// URL.
    private static func part(_ part: CURLUPart, of text: [UInt8]) -> String? {
        guard let handle = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(handle) }
        let code = unsafe (text + [0]).withUnsafeBytes { bytes in
            unsafe curl_url_set(handle, CURLUPART_URL, bytes.bindMemory(to: CChar.self).baseAddress, 0)
        }
        guard code == CURLUE_OK else { return nil }
        var value: UnsafeMutablePointer<CChar>?
        let flags = UInt32(CURLU_DEFAULT_PORT)
        guard unsafe curl_url_get(handle, part, &value, flags) == CURLUE_OK, let found = unsafe value else {
            return nil
        }
        defer { unsafe curl_free(found) }
        return unsafe String(cString: found)
    }

    /// Returns the bytes of an IPv6 address in brackets; for any other host, the bytes of its text.
    ///
    /// The result is empty for `nil` and for brackets without a valid IPv6 address.
    ///
    /// The tests compare these bytes, because different versions of libcurl write different texts for the
    /// same IPv6 address.
    private static func address(_ host: String?) -> [UInt8] {
        guard let host, host.hasPrefix("[") else { return Array((host ?? "").utf8) }
        var address = [UInt8](repeating: 0, count: 16)
        let plain = String(host.dropFirst().dropLast())
        let done = unsafe address.withUnsafeMutableBytes { unsafe inet_pton(AF_INET6, plain, $0.baseAddress) }
        return done == 1 ? address : []
    }

    private static func expectAgreement(_ url: TargetURL) {
        // libcurl refuses domains with these characters.
        guard !url.host.contains(where: { "!\"$&'()*+,;=`{}".contains($0) }) else { return }
        let host = url.host.contains(":") ? "[\(url.host)]" : url.host
        let theirs = part(CURLUPART_HOST, of: url.text)
        #expect(address(theirs) == address(host), "\(url)")
        #expect(!address(host).isEmpty, "\(url)")
        #expect(part(CURLUPART_PORT, of: url.text) == String(url.port), "\(url)")
        let path = String(
            decoding: url.text[Int(pathStart(of: url))...].prefix { $0 != UInt8(ascii: "?") },
            as: UTF8.self
        )
        #expect(part(CURLUPART_PATH, of: url.text) == path, "\(url)")
    }

    private static func pathStart(of url: TargetURL) -> Int {
        var slashes = 0
        return url.text.firstIndex { byte in
            if byte == UInt8(ascii: "/") { slashes += 1 }
            return slashes == 3
        } ?? url.text.count
    }

    @Test(arguments: oddURLs)
    func libcurlAndTargetURLFindTheSameHostPortAndPath(text: String) {
        guard let url = try? targetURL(text), url.scheme != .data else { return }
        Self.expectAgreement(url)
    }

    @Test(.ownThread) func libcurlAndTargetURLAgreeAboutMutatedURLs() {
        var generator = SeededGenerator(state: 1)
        var accepted = 0
        for round in 0..<20_000 {
            let bytes = generator.mutated(oddURLs[round % oddURLs.count])
            guard let url = try? TargetURL(reading: bytes.span), url.scheme != .data else { continue }
            accepted += 1
            Self.expectAgreement(url)
        }
        #expect(accepted > 1_000)
    }
}
