// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import OptionTable
import PoolWire

/// What the command line says.
struct FetchOptions: Sendable {
    private var concurrency = 32
    private var timeout: Duration = .seconds(30)
    private var connectTimeout: Duration = .seconds(10)
    private var maxBody = ByteCount(bytes: 32 << 20)
    private var maxRedirects = 10
    private var headers: [HeaderField] = []
    private var userAgent: String?
    private var certificateFile: String?
    private var isInsecure = false
    private var isHTTP1Only = false
    /// Whether a coordinator gives the tasks.
    private(set) var isSupervised = false

    /// The settings that the options ask for.
    var settings: FetchSettings {
        var settings = FetchSettings()
        settings.concurrency = concurrency
        settings.timeout = timeout
        settings.connectTimeout = connectTimeout
        settings.maxBodyBytes = maxBody.bytes
        settings.maxRedirects = maxRedirects
        settings.headers = headers
        settings.userAgent = userAgent
        settings.certificateFile = certificateFile
        settings.isInsecure = isInsecure
        settings.isHTTP1Only = isHTTP1Only
        return settings
    }

    static let table = OptionTable<FetchOptions>(
        Program.name,
        version: Program.version,
        summary: """
            Fetches each URL on standard input and prints one JSON record for each, in the order of completion.
            A line is a URL, a task object such as {"url":"https://example.com/","method":"HEAD"}, blank, or a # comment.
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
                shownDefault: Program.userAgent,
                help: "who asks"
            ),
            .value(
                "--cacert",
                as: "FILE",
                sets: \.certificateFile,
                accepting: .readableFile,
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

extension HeaderField: OptionValue {
    /// A name, a colon and a value.
    package static var expectation: String { "a header field such as 'Accept: text/html'" }

    /// Creates a field from a line; `nil` if it may not be sent.
    package init?(optionText text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let value = parts[1].utf8.drop { $0 == 0x20 || $0 == 0x09 }
        self.init(name: String(parts[0]), value: String(Substring(value)))
        guard refusal == nil else { return nil }
    }
}

extension ValueForm<String> {
    /// The name of a file that this process may read.
    static var readableFile: Self {
        Self(expectation: "a file that can be read") { name throws(UsageError) in
            let file = unsafe open(name, O_RDONLY | O_CLOEXEC)
            defer { if file >= 0 { close(file) } }
            var byte: UInt8 = 0
            // A folder opens, but does not read.
            guard file >= 0, unsafe Glibc.read(file, &byte, 1) >= 0 else {
                // The text is copied before anything else may overwrite it.
                throw UsageError("cannot read '\(name)': \(unsafe String(cString: strerror(errno)))")
            }
            return name
        }
    }
}
