// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import OptionTable
import PoolWire

/// What the command line says.
struct FetchOptions: Sendable {
    private var concurrency = 32
    private var timeout: Duration?
    private var connectTimeout: Duration = .seconds(10)
    private var dnsCache: Duration = .seconds(60)
    private var maxBody = ByteCount(bytes: 32 << 20)
    private var maxRedirects = 10
    private var privateAddresses: PrivateAddresses?
    private var headers: [HeaderField] = []
    private var userAgent: String?
    private var proxy: String?
    private var certificateFile: String?
    private var isInsecure = false
    private var isHTTP1Only = false
    /// Whether a coordinator gives the tasks.
    private(set) var isSupervised = false

    /// The settings that the options ask for, and what to say about them once.
    ///
    /// - Throws: `UsageError` for options that do not go together.
    func settings() throws(UsageError) -> (settings: FetchSettings, notice: String?) {
        var settings = FetchSettings()
        settings.concurrency = concurrency
        if let timeout { (settings.timeout, settings.endsSlowAnswers) = (timeout, false) }
        settings.connectTimeout = connectTimeout
        settings.nameLifetime = dnsCache
        settings.maxBodyBytes = maxBody.bytes
        settings.maxRedirects = maxRedirects
        settings.headers = headers
        settings.userAgent = userAgent
        settings.certificateFile = certificateFile
        settings.isInsecure = isInsecure
        settings.isHTTP1Only = isHTTP1Only
        do throws(ProxyURL.Refusal) {
            let notice = try settings.set(proxy: proxy, privateAddresses: privateAddresses)
            return (settings, notice)
        } catch {
            throw UsageError(error.description)
        }
    }

    static let table = OptionTable<FetchOptions>(
        Program.name,
        version: Program.version,
        summary: """
            Fetches each URL on standard input and prints one JSON record for each, in the order of completion.
            A line is a URL, a task object such as {"url":"https://example.com/","method":"HEAD"}, blank, or a # comment.
            Its exit status is 0 once each line has its record, whatever the records say; 2 for wrong usage, 3 if input or output failed.
            """,
        sections: OptionSection(
            "Limits",
            .value(
                "-c",
                "--concurrency",
                as: "N",
                sets: \.concurrency,
                accepting: .within(1...10_000),
                shownDefault: "32",
                help: "fetches in flight"
            ),
            .value(
                "--timeout",
                as: "DURATION",
                sets: \.timeout,
                accepting: .aboveZero,
                shownDefault: "30s",
                help: "one fetch, in all"
            ),
            .value(
                "--connect-timeout",
                as: "DURATION",
                sets: \.connectTimeout,
                accepting: .aboveZero,
                shownDefault: "10s",
                help: "until a connection is ready"
            ),
            .value(
                "--dns-cache",
                as: "DURATION",
                sets: \.dnsCache,
                accepting: .orZero,
                shownDefault: "60s",
                help:
                    "how long the addresses of a host are used before its name is looked up again; 0 = each time"
            ),
            .value(
                "--max-body",
                as: "SIZE",
                sets: \.maxBody,
                shownDefault: "32MiB",
                help: "decoded bytes; more is too_large"
            ),
            .value(
                "--max-redirects",
                as: "N",
                sets: \.maxRedirects,
                accepting: .within(0...1_000),
                shownDefault: "10",
                help: "0 follows none"
            ),
            .value(
                "--private-addresses",
                as: "allow|no-redirect|deny",
                sets: \.privateAddresses,
                shownDefault: "no-redirect; allow with --proxy",
                help: "no-redirect: a redirect may not lead from a public address to one that is not"
            )
        ),
        OptionSection(
            "Requests",
            .repeatable(
                "--header",
                as: "'K: V'",
                appendTo: \.headers,
                help: "a field for every request; a task's own of the same name wins"
            ),
            .value(
                "--user-agent",
                as: "TEXT",
                sets: \.userAgent,
                accepting: .only("text without line breaks and other control characters") { text in
                    HeaderField(name: "User-Agent", value: text).refusal == nil
                },
                shownDefault: Program.userAgent,
                help: "who asks"
            ),
            .value(
                "--proxy",
                as: "URL",
                sets: \.proxy,
                accepting: .proxy,
                shownDefault: "none",
                help: "an HTTP proxy for all requests, such as http://localhost:3128"
            ),
            .value(
                "--cacert",
                as: "FILE",
                sets: \.certificateFile,
                accepting: .certificateFile,
                help: "certificates to trust in place of the system's"
            ),
            .flag("--insecure", sets: \.isInsecure, help: "take certificates without a check"),
            .flag("--http1.1", sets: \.isHTTP1Only, help: "speak no HTTP/2")
        ),
        OptionSection(
            "Other",
            .flag("--supervised", sets: \.isSupervised, help: "be a worker of a coordinator")
        )
    )
}
