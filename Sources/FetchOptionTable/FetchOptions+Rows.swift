// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
package import OptionTable

extension FetchOptions {
    private static let defaults = FetchSettings()

    /// The row of `--concurrency`, separate because `fetchpool` shows it beside `--workers`.
    package static let concurrencyRow: OptionRow<FetchOptions> = .value(
        "-c",
        "--concurrency",
        as: "N",
        sets: \.settings.concurrency,
        accepting: .within(1...10_000),
        shownDefault: "\(defaults.concurrency)",
        help: "fetches in flight per fetch worker"
    )

    /// All other rows, in the order of the help text.
    package static let rows: [OptionRow<FetchOptions>] = limitRows + requestRows

    private static let limitRows: [OptionRow<FetchOptions>] = [
        .value(
            "--timeout",
            as: "DURATION",
            sets: \.timeout,
            accepting: .aboveZero,
            shownDefault: defaults.timeout.optionText,
            help: "one fetch, in all"
        ),
        .value(
            "--connect-timeout",
            as: "DURATION",
            sets: \.settings.connectTimeout,
            accepting: .aboveZero,
            shownDefault: defaults.connectTimeout.optionText,
            help: "until a connection is ready, TLS included"
        ),
        .value(
            "--dns-cache",
            as: "DURATION",
            sets: \.settings.nameLifetime,
            accepting: .orZero,
            shownDefault: defaults.nameLifetime.optionText,
            help:
                "how long the addresses of a host are used before its name is looked up again; 0 = each time"
        ),
        .value(
            "--max-body",
            as: "SIZE",
            sets: \.maxBody,
            shownDefault: ByteCount(bytes: defaults.maxBodyBytes).optionText,
            help: "decoded bytes; more is too_large"
        ),
        .value(
            "--max-redirects",
            as: "N",
            sets: \.settings.maxRedirects,
            accepting: .within(0...100),
            shownDefault: "\(defaults.maxRedirects)",
            help: "0 = do not follow"
        ),
        .value(
            "--private-addresses",
            as: PrivateAddresses.allCases.map(\.rawValue).joined(separator: "|"),
            sets: \.privateAddresses,
            shownDefault: "\(defaults.privateAddresses.rawValue); allow with --proxy",
            help:
                "whether addresses of this machine and of private networks are fetched; no-redirect: not where a redirect leads to one from a public address"
        ),
    ]

    private static let requestRows: [OptionRow<FetchOptions>] = [
        .repeatable(
            "--header",
            as: "'K: V'",
            appendTo: \.settings.headers,
            accepting: .header,
            help: "send this field with every request; repeatable; a task's own of the same name wins"
        ),
        .value(
            "--user-agent",
            as: "TEXT",
            sets: \.settings.userAgent,
            accepting: .userAgent,
            shownDefault: ProductVersion.userAgent,
            help: "who we say we are"
        ),
        .value(
            "--proxy",
            as: "URL",
            sets: \.settings.proxy,
            accepting: .proxy,
            shownDefault: "none",
            help:
                "an HTTP proxy for all requests, such as http://localhost:3128; variables such as http_proxy are not read"
        ),
        .value(
            "--cacert",
            as: "FILE",
            sets: \.settings.certificateFile,
            accepting: .certificateFile,
            shownDefault: "the system's",
            help: "certificates to trust in place of the system's"
        ),
        .flag(
            "--insecure",
            sets: \.settings.isInsecure,
            help: "take any certificate; records of https say so"
        ),
        .flag("--http1.1", sets: \.settings.isHTTP1Only, help: "speak no HTTP/2"),
    ]
}
