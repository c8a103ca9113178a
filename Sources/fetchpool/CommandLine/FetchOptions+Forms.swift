// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import OptionTable

extension PrivateAddresses: OptionValue {}

extension ValueForm<String> {
    /// The address of an HTTP proxy, as libcurl is given it.
    static var proxy: Self {
        Self(expectation: "an HTTP proxy") { text throws(UsageError) in
            do throws(ProxyURL.Refusal) {
                return try ProxyURL(reading: text).text
            } catch {
                throw UsageError(error.description)
            }
        }
    }
}
