// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import WebURL

/// The rules that hold for every URL.
enum URLRules {
    /// Returns the first rule that a URL breaks, alone or as a link on a page; `nil` if the URL breaks no
    /// rule.
    ///
    /// Adds 1 to `accepted` if the URL is valid without a base.
    static func firstBroken(by bytes: [UInt8], on page: String, accepted: inout Int) -> String? {
        let url = try? WebURL(reading: bytes.span)
        if let url {
            accepted += 1
            if let broken = brokenByForm(url) { return broken }
        }
        guard let base = try? WebURL(reading: Array(page.utf8).span) else { return "the page is no URL" }
        if let resolved = try? WebURL(reading: bytes.span, against: base) {
            if let broken = brokenByForm(resolved) { return "resolved: " + broken }
            let again = try? WebURL(reading: resolved.href.span, against: base)
            if again?.href != resolved.href { return "a resolved URL is resolved to another URL" }
        }
        return brokenByFastPaths(bytes, page) ?? brokenByTask(bytes)
    }

    private static func brokenByForm(_ url: WebURL) -> String? {
        let href = url.href
        guard let again = try? WebURL(reading: href.span) else { return "the written URL is refused" }
        if again.href != href { return "the written URL is read as another URL" }
        if again.text != url.text || again.host != url.host || again.port != url.port
            || again.user != url.user
        {
            return "the written URL has other parts"
        }
        for byte in href where !(0x21..<0x7F ~= byte || byte == 0x20 && url.scheme == .data) {
            return "the URL is not of printable ASCII"
        }
        guard url.scheme != .data else { return nil }
        let host = url.text[url.host]
        if host.isEmpty { return "the host is empty" }
        let isAddress = url.text[url.host.lowerBound - 1] == UInt8(ascii: "[")
        for byte in host where " #/<>?@[\\]^|%".utf8.contains(byte) || byte == UInt8(ascii: ":") && !isAddress
        {
            return "the host holds a forbidden character"
        }
        if host.contains(where: { 0x41...0x5A ~= $0 }) { return "the host is not in lower case" }
        return url.text[url.pathStart] == UInt8(ascii: "/") ? nil : "the path does not begin with a slash"
    }

    private static func inJSON(_ text: [UInt8]) -> [UInt8] {
        text.flatMap { "\"\\".utf8.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
    }

    private static func brokenByFastPaths(_ bytes: [UInt8], _ page: String) -> String? {
        let whole = try? TargetURL(readingAnyway: bytes.span)
        if (try? TargetURL(reading: bytes.span)) != whole { return "the fast path reads another URL" }
        if let plain = PlainURL(reading: bytes.span) {
            guard let whole else { return "the fast path accepts a URL that is refused" }
            let host = String(decoding: bytes[plain.host], as: UTF8.self)
            if plain.scheme != whole.scheme || plain.port != whole.port || host != whole.host {
                return "the fast path finds another origin"
            }
        }
        if whole?.scheme == .data, let whole, (try? DataURL(of: whole)) == nil {
            return "a data: URL that was accepted cannot be decoded"
        }
        guard let base = try? TargetURL(reading: Array(page.utf8).span) else { return "the page is refused" }
        var text: [UInt8] = []
        let found = LinkBase(base).appendURL(of: bytes.span, to: &text)
        let expected = URLReference.resolve(bytes.span, against: base)
        return found == (expected != nil) && text == inJSON(expected?.text ?? [])
            ? nil : "a link is resolved to another URL"
    }

    /// Returns the rule that the task in the input line `bytes` breaks; `nil` if the task breaks no rule.
    ///
    /// The fetch worker must accept the task and find the same host as `InputLine.read`. The record must not
    /// show a user name.
    private static func brokenByTask(_ bytes: [UInt8]) -> String? {
        guard case .task(let task) = InputLine.read(bytes.span, ordinal: 1, defaultScheme: .https) else {
            return nil
        }
        guard let fetch = try? FetchTask(reading: task.object.span) else {
            return "the worker refuses a task"
        }
        if fetch.url.hostKey != task.host { return "the worker finds another host" }
        let shown = task.object[task.url]
        let isUser = fetch.headers.contains { $0.name == "Authorization" }
        return isUser && shown.contains(UInt8(ascii: "@"))
            && fetch.url.text.contains(UInt8(ascii: "@")) == false
            ? "the record shows a user name" : nil
    }
}
