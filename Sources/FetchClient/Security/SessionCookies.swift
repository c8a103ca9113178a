// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
import Glibc

/// The cookies that a client keeps from task to task; on the client's thread alone.
final class SessionCookies {
    @exclusivity(unchecked) @safe
    private var jar = CookieJar(PublicSuffixList.system)

    /// Begins with cookies that were kept before.
    init(_ cookies: [Cookie]) {
        for cookie in cookies { jar.add(cookie, at: now) }
    }

    /// The system's clock, in seconds since 1970.
    private var now: Int { time(nil) }

    /// The value of the field `Cookie` of a request, with the user's own in front; `nil` if there is none.
    func field(for url: CookieURL, beside given: [UInt8]?) -> [UInt8]? {
        jar.field(for: url, beside: given, at: now)
    }

    /// Takes the values of `Set-Cookie` in a response.
    func take(_ fields: [[UInt8]], from url: CookieURL) {
        for field in fields { jar.take(setCookie: field, from: url, at: now) }
    }

    /// Takes cookies that have changed elsewhere.
    func merge(_ cookies: [Cookie]) {
        for cookie in cookies { jar.merge(cookie, at: now) }
    }

    var hasChanges: Bool { jar.hasChanges }

    /// Takes what has changed here since the last call.
    func takeChanges() -> [Cookie] { jar.takeChanges() }

    /// All cookies that have not expired.
    var all: [Cookie] { jar.cookies(at: now) }
}

extension FetchClient {
    /// True if responses have changed cookies of the session since `takeCookieChanges` was last called.
    package var hasCookieChanges: Bool { options.session?.hasChanges ?? false }

    /// Takes the cookies that have changed since the last call; those that are gone have an end in the past.
    package func takeCookieChanges() -> [Cookie] { options.session?.takeChanges() ?? [] }

    /// Takes cookies that have changed elsewhere in the session.
    package func merge(_ cookies: [Cookie]) { options.session?.merge(cookies) }

    /// The cookies of the session.
    package var cookies: [Cookie] { options.session?.all ?? [] }
}
