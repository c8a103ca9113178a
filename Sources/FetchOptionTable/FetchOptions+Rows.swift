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
    package static let rows: [OptionRow<FetchOptions>] =
        limitRows + requestRows + sessionRows + wayRows

    private static let limitRows: [OptionRow<FetchOptions>] = [
        .value(
            "--timeout",
            as: "DURATION",
            sets: \.timeout,
            accepting: .aboveZero,
            shownDefault: defaults.timeout.optionText,
            help: "how long a fetch may take, redirects and body included; each retry has this time again"
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
            help: "the most bytes of a body, after decoding; a larger body is too_large"
        ),
        .flag(
            "--headers",
            sets: \.settings.recordsHeaders,
            help: "write the header fields of each response into its record, cookies without their values"
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
                "whether loopback addresses and addresses of private networks may be fetched; with no-redirect, a public address must not redirect to such an address"
        ),
    ]

    private static let requestRows: [OptionRow<FetchOptions>] = [
        .repeatable(
            "-H",
            "--header",
            as: "'K: V'",
            appendTo: \.settings.headers,
            accepting: HeaderField.form,
            help: "a header field for the requests of all tasks that have no field of this name; repeatable"
        ),
        .value(
            "-A",
            "--user-agent",
            as: "TEXT",
            sets: \.settings.userAgent,
            accepting: .userAgent,
            shownDefault: ProductVersion.userAgent,
            help: "User-Agent of requests"
        ),
    ]

    private static let sessionRows: [OptionRow<FetchOptions>] = [
        .flag(
            "--session",
            sets: \.settings.keepsCookies,
            help:
                "keep the cookies that responses set, and send them with later requests by the usual rules; a site's requests stay with one fetch worker"
        ),
        .value(
            "-b",
            "--cookies",
            as: "FILE",
            sets: \.cookieFile,
            accepting: CookieFile.form,
            shownDefault: "none",
            help: "a session that begins with the cookies of this file, which is in the Netscape format"
        ),
        .value(
            "--cookie-jar",
            as: "FILE",
            sets: \.settings.cookieJar,
            accepting: .cookieJar,
            shownDefault: "none",
            help: "a session whose cookies are written to this file at the end, for curl -b or --cookies"
        ),
        .value(
            "--netrc",
            as: "FILE",
            sets: \.netrc,
            accepting: Netrc.form,
            shownDefault: "none",
            help:
                "user names and passwords by host, as in netrc(5), for requests without a login of their own, redirected requests included"
        ),
    ]

    private static let wayRows: [OptionRow<FetchOptions>] = [
        .value(
            "--proxy",
            as: "URL",
            sets: \.settings.proxy,
            accepting: ProxyURL.form,
            shownDefault: "none",
            help:
                "a proxy for all requests: http, https, socks5 or socks5h, such as http://localhost:3128 or http://user:password@host:3128; variables such as http_proxy are not read"
        ),
        .repeatable(
            "--resolve",
            as: "HOST:PORT:ADDRESS",
            appendTo: \.settings.givenAddresses,
            accepting: GivenAddresses.form,
            help:
                "the address of HOST at PORT; HOST is then not looked up for this port; * stands for every host; repeatable"
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
            "-k",
            "--insecure",
            sets: \.settings.isInsecure,
            help: "accept any certificate; the records of https URLs show this"
        ),
        .flag("--http1.1", sets: \.settings.isHTTP1Only, help: "speak no HTTP/2"),
    ]
}
