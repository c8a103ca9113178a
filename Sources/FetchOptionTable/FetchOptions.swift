// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import OptionTable

/// How to fetch, as a command line says it.
///
/// Each program that fetches has these options as a part of its own.
package struct FetchOptions: Sendable {
    /// The settings as the rows set them, each by itself.
    var settings = FetchSettings()
    /// The value of `--private-addresses`; `nil` if it was not given, since the default depends on `--proxy`.
    var privateAddresses: PrivateAddresses?

    /// The defaults.
    package init() {}

    /// The longest time for one fetch.
    ///
    /// A time that was given is kept as it stands: slow answers are not ended before it.
    var timeout: Duration {
        get { settings.timeout }
        set { (settings.timeout, settings.endsSlowAnswers) = (newValue, false) }
    }

    /// The longest body that is accepted.
    var maxBody: ByteCount {
        get { ByteCount(bytes: settings.maxBodyBytes) }
        set { settings.maxBodyBytes = newValue.bytes }
    }

    /// Returns the settings that all options together ask for, and what to tell the user once, if anything.
    ///
    /// - Throws: `UsageError` for options that do not go together.
    package func resolved() throws(UsageError) -> (settings: FetchSettings, notice: String?) {
        var resolved = settings
        do throws(ProxyURL.Refusal) {
            let notice = try resolved.set(proxy: settings.proxy, privateAddresses: privateAddresses)
            return (resolved, notice)
        } catch {
            throw UsageError(error.description)
        }
    }
}
