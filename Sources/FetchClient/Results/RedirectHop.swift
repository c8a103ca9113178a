// SPDX-License-Identifier: MIT
// fetchpool

/// One redirect that was followed: an entry of `redirect_chain` in a record.
package struct RedirectHop: Hashable, Sendable {
    /// The URL that was redirected, without user name and password.
    package var url: [UInt8]
    /// The status of the response from this URL.
    package var status: Int
}
