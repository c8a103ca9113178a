// SPDX-License-Identifier: MIT
// fetchpool

extension FetchSettings {
    /// Returns a refusal if an option on a worker's command line has no effect, because the `init` message
    /// gives another value; otherwise `nil`.
    ///
    /// `self` holds the settings of the command line, and `used` holds the settings after `apply` has
    /// changed them as `init` says. An option with its default value is never refused, because it looks like
    /// an option that was not given.
    package func refusal(ofUsing used: FetchSettings) -> String? {
        let defaults = FetchSettings()
        func isLost<Value: Equatable>(_ setting: KeyPath<FetchSettings, Value>) -> Bool {
            self[keyPath: setting] != defaults[keyPath: setting]
                && self[keyPath: setting] != used[keyPath: setting]
        }
        let options = [
            ("--concurrency", isLost(\.concurrency)),
            ("--timeout", isLost(\.timeout) || isLost(\.endsSlowResponses)),
            ("--connect-timeout", isLost(\.connectTimeout)), ("--dns-cache", isLost(\.nameLifetime)),
            ("--max-body", isLost(\.maxBodyBytes)), ("--max-redirects", isLost(\.maxRedirects)),
            // With a proxy, the rule is `allow` even if the option was not given.
            ("--private-addresses", proxy == nil && isLost(\.privateAddresses)),
            ("--header", isLost(\.headers)), ("--user-agent", isLost(\.userAgent)),
            ("--netrc", isLost(\.logins)), ("--cookies", isLost(\.cookies)),
            ("--proxy", isLost(\.proxy)), ("--resolve", isLost(\.givenAddresses)),
            ("--cacert", isLost(\.certificateFile)), ("--insecure", isLost(\.isInsecure)),
            ("--http1.1", isLost(\.isHTTP1Only)),
        ]
        guard let lost = options.first(where: \.1) else { return nil }
        return
            "\(lost.0) has no effect with --supervised; give it to the parent coordinator, whose value counts"
    }
}
