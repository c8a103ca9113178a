// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// A reader of the host in a record's URL, with one buffer for all records.
struct HostName: Sendable {
    /// The host that was read last, with its port if the port is not the default of the scheme.
    ///
    /// An IPv6 address is in brackets. All `data:` URLs share the name `data: URLs`. Before a host was read,
    /// the value is empty.
    private(set) var bytes: [UInt8] = []

    /// Reads the host of a record's URL; if this URL cannot be read, the host of the record's final URL.
    ///
    /// - Returns: False if the record is `invalid`, or has no URL that can be read.
    mutating func read(_ record: ReportRecord, in line: Span<UInt8>) -> Bool {
        guard record.outcome != .invalid else { return false }
        if let url = record.url, read(url, in: line) { return true }
        if let url = record.finalURL, read(url, in: line) { return true }
        // The record's URL may lack a scheme. `http://` is put in front; the host would be the same with
        // `https://`.
        guard let url = record.url, let text = line.text(of: url) else { return false }
        return readAny((Array("http://".utf8) + text).span)
    }

    private mutating func read(_ value: JSONValue, in line: Span<UInt8>) -> Bool {
        guard !value.isEscaped else {
            guard let text = line.text(of: value) else { return false }
            return read(text.span)
        }
        return read(line.extracting(value.inside))
    }

    private mutating func read(_ url: Span<UInt8>) -> Bool {
        guard let plain = PlainURL(reading: url) else { return readAny(url) }
        set(url.extracting(plain.host), plain.port, plain.scheme)
        return true
    }

    private mutating func readAny(_ url: Span<UInt8>) -> Bool {
        guard let target = try? TargetURL(readingAnyway: url) else { return false }
        let key = target.hostKey
        var name = Array(key.name.utf8)
        if name.contains(UInt8(ascii: ":")) { name = Array("[".utf8) + name + Array("]".utf8) }
        set(name.span, target.port, target.scheme)
        return true
    }

    private mutating func set(_ host: Span<UInt8>, _ port: UInt16, _ scheme: TargetURL.Scheme) {
        bytes.removeAll(keepingCapacity: true)
        guard scheme != .data else {
            bytes.append(contentsOf: "data: URLs".utf8)
            return
        }
        for index in host.indices { bytes.append(host[index]) }
        guard port != (scheme == .http ? 80 : 443) else { return }
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: String(port).utf8)
    }
}
