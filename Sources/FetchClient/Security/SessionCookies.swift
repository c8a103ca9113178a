// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
import Glibc

/// The cookies that a client keeps from task to task.
///
/// Only the client's thread uses this object.
final class SessionCookies {
    @exclusivity(unchecked) @safe
    private var jar = CookieJar(PublicSuffixList.system)

    /// Creates a session that begins with `cookies`.
    init(_ cookies: [Cookie]) {
        for cookie in cookies { jar.add(cookie, at: now) }
    }

    /// The system's clock, in seconds since 1970.
    private var now: Int { time(nil) }

    /// Returns the value of the `Cookie` field for a request; `nil` if no cookie is sent.
    ///
    /// `given` contains the user's cookies, which come first.
    func field(for url: CookieURL, beside given: [UInt8]?) -> [UInt8]? {
        jar.field(for: url, beside: given, at: now)
    }

    /// Stores the cookies of a response from `url`; `fields` are the values of `Set-Cookie`.
    func take(_ fields: [[UInt8]], from url: CookieURL) {
        for field in fields { jar.take(setCookie: field, from: url, at: now) }
    }

    /// Stores cookies that another process has changed, except cookies that responses to this client have
    /// changed since the last call of `takeChanges`.
    func merge(_ cookies: [Cookie]) {
        for cookie in cookies { jar.merge(cookie, at: now) }
    }

    var hasChanges: Bool { jar.hasChanges }

    /// Removes and returns the changes since the last call.
    ///
    /// If a response has deleted a cookie, the change is this cookie with an expiry time in the past.
    func takeChanges() -> [Cookie] { jar.takeChanges() }

    /// All cookies that have not expired.
    var all: [Cookie] { jar.cookies(at: now) }
}

extension FetchClient {
    /// True if responses have changed cookies of the session since `takeCookieChanges` was last called.
    package var hasCookieChanges: Bool { options.session?.hasChanges ?? false }

    /// Removes and returns the changes of cookies since the last call.
    ///
    /// If a response has deleted a cookie, the change is this cookie with an expiry time in the past.
    package func takeCookieChanges() -> [Cookie] { options.session?.takeChanges() ?? [] }

    /// Stores cookies of the session that another process has changed.
    ///
    /// A cookie that a response to this client has changed since the last call of `takeCookieChanges` stays
    /// unchanged.
    package func merge(_ cookies: [Cookie]) { options.session?.merge(cookies) }

    /// The cookies of the session that have not expired, in the order in which they were first stored.
    package var cookies: [Cookie] { options.session?.all ?? [] }
}
