// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// The settings of fetches, from the `init` message of a coordinator or from a command line.
package struct FetchSettings: Hashable, Sendable {
    /// The largest number of transfers at a time in one worker.
    package var concurrency = 32
    /// The longest time of one fetch, including redirects; a time-out of the task replaces this time.
    package var timeout: Duration = .seconds(30)
    /// True if a response that brings fewer than 1,000 bytes in 10 seconds is ended before the time-out.
    ///
    /// The option `--timeout` sets the value to false. The value has no effect on tasks with a time-out of
    /// their own.
    package var endsSlowResponses = true
    /// The longest time until a connection is ready, including TLS.
    package var connectTimeout: Duration = .seconds(10)
    /// The time for which the looked-up addresses of a host are used.
    ///
    /// If the time is zero, no addresses are kept. If later look-ups give no result for the host, the
    /// addresses can be used for a longer time (`NameCache.Limits.stale`).
    package var nameLifetime: Duration = .seconds(60)
    /// The largest body accepted, in bytes after decoding.
    package var maxBodyBytes = 32 << 20
    /// The largest number of redirects followed; 0 follows none.
    package var maxRedirects = 10
    /// The header fields of every request; a task's field replaces the fields of the same name in this list.
    package var headers: [HeaderField] = []
    /// The `User-Agent`; `nil` for `ProductVersion.userAgent`.
    package var userAgent: String?
    /// The path of a file with the certificates to trust; `nil` for the certificates of the system.
    package var certificateFile: String?
    /// True if certificates are accepted without a check.
    package var isInsecure = false
    /// The rule for addresses that are not public; with a proxy, `set(proxy:privateAddresses:)` accepts only
    /// `allow`.
    package var privateAddresses: PrivateAddresses = .noRedirect
    /// The proxy for all requests; `nil` for none.
    package var proxy: ProxyURL?
    /// True if the cookies from responses are kept, and are sent with later requests.
    package var keepsCookies = false
    /// The cookies before the first request; used only if `keepsCookies` is true.
    package var cookies: [Cookie] = []
    /// The file that the cookies are written to at the end of the run; `nil` for none.
    ///
    /// Workers do not get this name.
    package var cookieJar: String?
    /// The user names and passwords for hosts; the first entry that applies to a host counts.
    package var logins: [HostLogin] = []
    /// The addresses that the user gives to pairs of a host and a port; these pairs are not looked up.
    ///
    /// Of two entries with the same host and port, the last entry counts.
    package var givenAddresses: [GivenAddresses] = []
    /// True if HTTP/2 is not used.
    package var isHTTP1Only = false
    /// True if records hold the header fields of responses.
    package var recordsHeaders = false
    /// True if responses with a status from 200 to 299 are passed on for processing.
    ///
    /// Responses with 204 or 205, and responses to HEAD, are never passed on.
    package var wantsResponses = false
    /// The run's private directory, for bodies to be processed; `nil` if responses are not wanted.
    package var spoolDirectory: String?
    /// The size at which a segment of the spool is closed, in bytes.
    package var segmentBytes = 8 << 20
    /// The memory limit in bytes; `nil` for none.
    ///
    /// A worker sets the limit for itself if `SequentialWorker` or `ConcurrentWorker` runs its tasks.
    package var memoryBytes: Int?
    /// The number of the worker, which is a part of the names of its segments.
    package var workerNumber = 0

    /// Creates the default settings.
    package init() {}

    /// Writes the settings as the `config` object of `init`.
    package func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("concurrency")
        writer.integer(concurrency)
        writer.name("timeout_ms")
        writer.integer(timeout.wholeMilliseconds)
        writer.name("low_speed")
        writer.bool(endsSlowResponses)
        writer.name("connect_timeout_ms")
        writer.integer(connectTimeout.wholeMilliseconds)
        writer.name("dns_cache_ms")
        writer.integer(nameLifetime.wholeMilliseconds)
        if let memoryBytes {
            writer.name("memory_bytes")
            writer.integer(memoryBytes)
        }
        writer.name("max_body")
        writer.integer(maxBodyBytes)
        writer.name("max_redirects")
        writer.integer(maxRedirects)
        writer.name("headers")
        writer.beginArray()
        for field in headers {
            writer.beginArray()
            writer.string(field.name)
            writer.string(field.value)
            writer.endArray()
        }
        writer.endArray()
        write("user_agent", userAgent, into: &writer)
        write("cacert", certificateFile, into: &writer)
        writer.name("private_addresses")
        writer.string(privateAddresses.rawValue)
        write("proxy", proxy?.secretText, into: &writer)
        writer.name("insecure")
        writer.bool(isInsecure)
        writer.name("http1_only")
        writer.bool(isHTTP1Only)
        if recordsHeaders {
            writer.name("record_headers")
            writer.bool(true)
        }
        writer.name("responses")
        writer.bool(wantsResponses)
        writeSession(into: &writer)
        write("spool", spoolDirectory, into: &writer)
        writer.name("segment_bytes")
        writer.integer(segmentBytes)
        writer.name("worker")
        writer.integer(workerNumber)
        writer.endObject()
    }

    private func write(_ name: StaticString, _ text: String?, into writer: inout JSONWriter) {
        guard let text else { return }
        writer.name(name)
        writer.string(text)
    }

    /// Applies the members of a `config` object.
    ///
    /// Missing members, unknown members and `memory_bytes` change nothing. An unknown rule for private
    /// addresses becomes `deny`, and a proxy that cannot be read becomes `ProxyURL.unreachable`.
    ///
    /// - Throws: `JSONSyntaxError` if `config` is not a valid JSON object.
    package mutating func apply(_ config: Range<Int>, of line: Span<UInt8>) throws(JSONSyntaxError) {
        var scanner = JSONScanner(at: config.lowerBound)
        try scanner.enterObject(in: line)
        while let member = try scanner.nextMember(in: line) {
            applyNumber(member, of: line)
            applyText(member, of: line)
            try applySession(member, of: line)
            if line.isName(member, "headers"), member.value.kind == .array {
                headers = try HeaderField.read(member.value, of: line)
            }
        }
    }

    private mutating func applyNumber(_ member: JSONMember, of line: Span<UInt8>) {
        guard let number = line.integer(of: member.value) else { return }
        if line.isName(member, "concurrency") {
            concurrency = max(number, 1)
        } else if line.isName(member, "timeout_ms") {
            timeout = .milliseconds(number)
        } else if line.isName(member, "connect_timeout_ms") {
            connectTimeout = .milliseconds(number)
        } else if line.isName(member, "dns_cache_ms") {
            nameLifetime = .milliseconds(number)
        } else if line.isName(member, "max_body") {
            maxBodyBytes = number
        } else if line.isName(member, "max_redirects") {
            maxRedirects = number
        } else if line.isName(member, "segment_bytes") {
            segmentBytes = number
        } else if line.isName(member, "worker") {
            workerNumber = number
        }
    }

    private mutating func applyText(_ member: JSONMember, of line: Span<UInt8>) {
        let text = line.text(of: member.value).map { String(decoding: $0, as: UTF8.self) }
        if line.isName(member, "user_agent") {
            userAgent = text
        } else if line.isName(member, "cacert") {
            certificateFile = text
        } else if line.isName(member, "proxy") {
            let isNull = member.value.kind == .null
            proxy = isNull ? nil : text.flatMap { try? ProxyURL(reading: $0) } ?? .unreachable
        } else if line.isName(member, "private_addresses") {
            // An unknown value from a newer coordinator can be a strict rule, so the strictest rule applies.
            privateAddresses = text.flatMap(PrivateAddresses.init) ?? .deny
        } else if line.isName(member, "spool") {
            spoolDirectory = text
        } else if line.isName(member, "insecure") {
            isInsecure = member.value.kind == .true
        } else if line.isName(member, "low_speed") {
            endsSlowResponses = member.value.kind != .false
        } else if line.isName(member, "http1_only") {
            isHTTP1Only = member.value.kind == .true
        } else if line.isName(member, "responses") {
            wantsResponses = member.value.kind == .true
        } else if line.isName(member, "record_headers") {
            recordsHeaders = member.value.kind == .true
        }
    }
}
