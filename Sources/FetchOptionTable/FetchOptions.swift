// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import OptionTable

/// The options of a command line that control fetching.
package struct FetchOptions: Sendable {
    /// The settings from the options that were read so far.
    var settings = FetchSettings()
    /// The value of `--private-addresses`; `nil` for the default, which depends on `--proxy`.
    var privateAddresses: PrivateAddresses?
    /// The cookies of `--cookies`; `nil` if the option was not given.
    var cookieFile: CookieFile?
    /// The logins of `--netrc`; `nil` if the option was not given.
    var netrc: Netrc?

    /// Creates the default options.
    package init() {}

    /// True if records hold the header fields of responses.
    package var recordsHeaders: Bool { settings.recordsHeaders }

    /// The time limit of one fetch.
    ///
    /// Setting the limit also turns off the check that ends slow responses early.
    var timeout: Duration {
        get { settings.timeout }
        set { (settings.timeout, settings.endsSlowResponses) = (newValue, false) }
    }

    /// The limit of a body's size.
    var maxBody: ByteCount {
        get { ByteCount(bytes: settings.maxBodyBytes) }
        set { settings.maxBodyBytes = newValue.bytesInMessages }
    }

    /// The file of `--cookie-jar`; `nil` if the option is missing.
    package var cookieJar: String? { settings.cookieJar }

    /// Checks the options of a supervised worker.
    ///
    /// - Throws: `UsageError` for `--cookie-jar`, which only the parent coordinator accepts.
    package func checkSupervised() throws(UsageError) {
        if settings.cookieJar != nil {
            throw UsageError(
                "--cookie-jar has no effect with --supervised; give it to the parent coordinator, which has all cookies"
            )
        }
    }

    /// Returns the settings of all options together, and notices for the user.
    ///
    /// - Throws: `UsageError` for options that cannot be combined.
    package func resolved() throws(UsageError) -> (settings: FetchSettings, notices: [String]) {
        var resolved = settings
        (resolved.cookies, resolved.logins) = (cookieFile?.cookies ?? [], netrc?.logins ?? [])
        if cookieFile != nil || settings.cookieJar != nil { resolved.keepsCookies = true }
        do throws(ProxyURL.Refusal) {
            let notice = try resolved.set(proxy: settings.proxy, privateAddresses: privateAddresses)
            try resolved.checkProxy()
            return (resolved, [notice, netrcNotice].compactMap(\.self))
        } catch {
            throw UsageError(error.description)
        }
    }

    /// A notice about values of the netrc file that cannot be sent; `nil` if there are none.
    private var netrcNotice: String? {
        guard let netrc, let first = netrc.unsendable.first else { return nil }
        let count = netrc.unsendable.count
        let rest = count == 1 ? "" : "; the file has \(count) such lines"
        return "--netrc, line \(first.line): \(first.reason), so its entry gives no login\(rest)"
    }
}
