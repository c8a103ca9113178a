// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension HostKey {
    /// Creates the key of a URL's host; `nil` if the URL is not valid, or has no host.
    ///
    /// `json` is the URL as a JSON string with its quotes.
    package init?(ofURL json: Span<UInt8>) {
        guard json.count > 2 else { return nil }
        let inside = json.extracting(1..<json.count - 1)
        if let plain = PlainURL(reading: inside) {
            guard !plain.host.isEmpty else { return nil }
            self = HostKey(
                name: String(decoding: inside.array(plain.host), as: UTF8.self),
                port: plain.port
            )
            return
        }
        let value = JSONValue(kind: .string, range: 0..<json.count, isEscaped: true)
        guard let text = json.text(of: value), let url = try? TargetURL(reading: text.span),
            !url.hostRange.isEmpty
        else { return nil }
        self = url.hostKey
    }
}
