// SPDX-License-Identifier: MIT
// fetchpool

/// The cookies of a session, by RFC 6265 §5.3 and §5.4 and draft-ietf-httpbis-rfc6265bis.
///
/// The jar reads no clock: the caller passes the time, in seconds since 1970.
package struct CookieJar: Sendable {
    struct Entry: Sendable {
        var cookie: Cookie
        /// The value of the jar's counter when the cookie was first stored.
        ///
        /// A cookie that replaces another cookie takes over the `created` of the replaced cookie.
        let created: Int
        /// The value of the jar's counter when the cookie was last stored or sent.
        var used: Int
        /// The expiry that the jars of other processes know; `nil` for the end of the session.
        var toldExpiry: Int?
    }

    /// The limits of a jar; some browsers have the same limit of 180 cookies per site.
    struct Limits {
        var perSite = 180
        var cookies = 20_000
        var bytes = 4 << 20
    }

    /// The cookies, by domain and key.
    private var entries: [String: [Cookie.Key: Entry]] = [:]
    /// The domains that have cookies, by site (`site(of:)`).
    private var sites: [String: Set<String>] = [:]
    /// The sites of the domains that have cookies.
    private var siteOfDomain: [String: String] = [:]
    /// The number of times that a cookie was stored or sent.
    private var counter = 0
    private var secureCookies = 0
    private let suffixes: PublicSuffixes
    private let limits: Limits
    private var changed: [Cookie.Key] = []
    /// The keys in `changed`; the value is true if the last change removed the cookie.
    private var isRemoval: [Cookie.Key: Bool] = [:]
    /// True once a cookie that had not expired was removed because of a limit.
    private var hasDisplaced = false
    /// The number of cookies, including expired cookies that are not removed yet.
    package private(set) var count = 0
    private(set) var bytes = 0

    /// Creates an empty jar.
    ///
    /// If `limitsSites` is false, the number of cookies per site has no limit. The limits of the whole jar
    /// still apply.
    package init(_ suffixes: PublicSuffixes = .unknown, limitsSites: Bool = true) {
        self.init(suffixes, limitsSites ? Limits() : Limits(perSite: .max))
    }

    init(_ suffixes: PublicSuffixes, _ limits: Limits) {
        (self.suffixes, self.limits) = (suffixes, limits)
    }

    /// Returns the cookies that have not expired, in the order in which they were first stored.
    package func cookies(at now: Int) -> [Cookie] {
        entries.values.flatMap(\.values).filter { !$0.cookie.isExpired(at: now) }
            .sorted { $0.created < $1.created }.map(\.cookie)
    }

    // MARK: Sending

    /// The limits up to which the jar adds cookies to a `Cookie` field; curl has the same limits.
    private static let maxField = (bytes: 8_190, cookies: 150)

    /// Returns the value of a request's `Cookie` field; `nil` if no cookie is sent.
    ///
    /// The result begins with `given`, the user's own value for this field. A cookie of the jar is left out
    /// if `given` has a cookie of this name, or if a limit of `maxField` would be exceeded.
    package mutating func field(for url: CookieURL, beside given: [UInt8]? = nil, at now: Int) -> [UInt8]? {
        let found = matches(url, at: now)
        guard !found.isEmpty else { return given }
        let names = given.map(Self.names) ?? []
        var field = given ?? []
        var sent = 0
        for key in found {
            guard let entry = entries[key.domain]?[key], !names.contains(entry.cookie.name) else { continue }
            let pair = entry.cookie.name + [UInt8(ascii: "=")] + entry.cookie.value
            guard field.count + pair.count + 2 <= Self.maxField.bytes, sent < Self.maxField.cookies else {
                continue
            }
            if !field.isEmpty { field += [UInt8(ascii: ";"), UInt8(ascii: " ")] }
            field += pair
            sent += 1
            counter += 1
            entries[key.domain]?[key]?.used = counter
        }
        return field.isEmpty ? nil : field
    }

    /// Returns the keys of the cookies for a URL, in the order of RFC 6265 §5.4.
    private func matches(_ url: CookieURL, at now: Int) -> [Cookie.Key] {
        var found: [(key: Cookie.Key, entry: Entry)] = []
        for domain in Self.domains(of: url.host) {
            for (key, entry) in entries[domain] ?? [:]
            where entry.cookie.isSent(to: url.host) && entry.cookie.covers(url.path)
                && (url.isSecure || !entry.cookie.isSecure) && !entry.cookie.isExpired(at: now)
            {
                found.append((key, entry))
            }
        }
        found.sort {
            let (left, right) = ($0.entry.cookie.path.count, $1.entry.cookie.path.count)
            return left == right ? $0.entry.created < $1.entry.created : left > right
        }
        return found.map(\.key)
    }

    /// Returns a host and the domains above it; for an address, only the address.
    private static func domains(of host: String) -> [String] {
        var domains = [host]
        guard !CookieDomain.isAddress(host) else { return domains }
        var rest = host[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            domains.append(String(rest))
        }
        return domains
    }

    /// Returns the names of the cookies in a `Cookie` field.
    private static func names(_ field: [UInt8]) -> Set<[UInt8]> {
        Set(
            field.split(separator: UInt8(ascii: ";")).map { pair in
                Array(pair.prefix { $0 != UInt8(ascii: "=") }.drop { $0 == 0x20 || $0 == 0x09 })
            }
        )
    }

    // MARK: Storing

    /// Applies a `Set-Cookie` field of a response from `url`; ignores a field that the rules do not allow.
    package mutating func take(setCookie field: [UInt8], from url: CookieURL, at now: Int) {
        guard let field = SetCookieField(field), let scope = scope(of: field, url) else { return }
        let cookie = Cookie(
            name: field.name,
            value: field.value,
            domain: scope.domain,
            isHostOnly: scope.isHostOnly,
            path: field.path ?? url.defaultPath,
            isSecure: field.isSecure,
            isHTTPOnly: field.isHTTPOnly,
            expiry: field.expiry(at: now)
        )
        guard Self.keepsItsPrefix(cookie, namesPath: field.path != nil) else { return }
        if cookie.isSecure ? !url.isSecure : !url.isSecure && wouldHideSecure(cookie, at: now) { return }
        // The removal of a cookie because of a limit is no change: another jar may still use the cookie. So a
        // later removal by a response is a change, even if this jar no longer has the cookie.
        if store(cookie, at: now) || hasDisplaced && cookie.isExpired(at: now) { note(cookie, at: now) }
    }

    /// Returns the domain of a cookie, and true if subdomains do not get the cookie; `nil` if a response from
    /// `url` is not allowed to set a cookie for this domain.
    private func scope(of field: SetCookieField, _ url: CookieURL) -> (domain: String, isHostOnly: Bool)? {
        guard !field.domain.isEmpty else { return (url.host, true) }
        guard field.domain.allSatisfy({ $0 < 0x80 }) else { return nil }
        let domain = String(decoding: field.domain, as: UTF8.self)
        // A domain with a trailing dot is refused, because a list of public suffixes has no such names.
        guard domain == url.host || CookieDomain.isBelow(url.host, domain), !domain.hasSuffix(".") else {
            return nil
        }
        if CookieDomain.isAddress(domain) { return (url.host, true) }
        switch suffixes.contains(domain) {
        case true?: return domain == url.host ? (url.host, true) : nil
        case false?: return (domain, false)
        case nil: return (url.host, true)
        }
    }

    /// Returns false if a cookie breaks the rules for names that begin with `__Secure-` or `__Host-`.
    private static func keepsItsPrefix(_ cookie: Cookie, namesPath: Bool) -> Bool {
        let name = cookie.name.map(ASCIIByte.lower)
        if name.starts(with: "__secure-".utf8) { return cookie.isSecure }
        guard name.starts(with: "__host-".utf8) else { return true }
        return cookie.isSecure && cookie.isHostOnly && namesPath && cookie.path == [UInt8(ascii: "/")]
    }

    /// Returns true if a cookie that came over plain HTTP could hide a secure cookie with the same name.
    private func wouldHideSecure(_ cookie: Cookie, at now: Int) -> Bool {
        guard secureCookies > 0 else { return false }
        // Without a list of public suffixes, the site of a domain is only the domain itself. So the domains
        // above the cookie's domain are added.
        let domains = (sites[site(of: cookie.domain)] ?? []).union(Self.domains(of: cookie.domain))
        for domain in domains
        where domain == cookie.domain || CookieDomain.isBelow(domain, cookie.domain)
            || CookieDomain.isBelow(cookie.domain, domain)
        {
            let isHidden = (entries[domain] ?? [:]).values.contains {
                $0.cookie.isSecure && $0.cookie.name == cookie.name && $0.cookie.covers(cookie.path)
                    && !$0.cookie.isExpired(at: now)
            }
            if isHidden { return true }
        }
        return false
    }

    /// Stores a cookie of a file or of another jar; an expired cookie removes the cookie with the same key.
    ///
    /// A cookie for all hosts of a known public suffix is ignored.
    package mutating func add(_ cookie: Cookie, at now: Int) {
        if !cookie.isHostOnly, suffixes.contains(cookie.domain) == true { return }
        _ = store(cookie, at: now)
    }

    /// Stores a cookie that another process has changed.
    ///
    /// The cookie is ignored if a response has changed the cookie with the same key in this jar since the
    /// last `takeChanges`.
    package mutating func merge(_ cookie: Cookie, at now: Int) {
        if isRemoval[cookie.key] == nil { add(cookie, at: now) }
    }

    /// Stores a cookie; an expired cookie removes the cookie with the same key.
    ///
    /// - Returns: True if other jars need this change.
    private mutating func store(_ cookie: Cookie, at now: Int) -> Bool {
        let key = cookie.key
        if cookie.isExpired(at: now) { return remove(key) }
        counter += 1
        guard let old = entries[key.domain]?[key] else {
            insert(Entry(cookie: cookie, created: counter, used: counter, toldExpiry: cookie.expiry))
            makeRoom(beside: cookie.domain, at: now)
            return true
        }
        // The new expiry is compared with the expiry that other jars know. In this way, many small extensions
        // add up to a change that other jars need.
        var known = old.cookie
        known.expiry = old.toldExpiry
        let isNews = !Self.isSame(known, cookie, at: now)
        remove(key)
        let told = isNews ? cookie.expiry : old.toldExpiry
        insert(Entry(cookie: cookie, created: old.created, used: counter, toldExpiry: told))
        makeRoom(beside: cookie.domain, at: now)
        return isNews
    }

    /// Returns true if two cookies are equal, apart from a small difference of their expiry times.
    ///
    /// A difference is small if it is less than a minute, and both times are more than an hour after `now`.
    private static func isSame(_ old: Cookie, _ new: Cookie, at now: Int) -> Bool {
        guard let (left, right) = old.expiry.flatMap({ left in new.expiry.map { (left, $0) } }) else {
            return old == new
        }
        guard abs(left - right) < 60, min(left, right) > now + 3_600 else { return old == new }
        var same = old
        same.expiry = new.expiry
        return same == new
    }

    private mutating func insert(_ entry: Entry) {
        count += 1
        bytes += entry.cookie.bytes
        if entry.cookie.isSecure { secureCookies += 1 }
        let domain = entry.cookie.domain
        if entries[domain] == nil {
            let site = site(of: domain)
            siteOfDomain[domain] = site
            sites[site, default: []].insert(domain)
        }
        entries[domain, default: [:]][entry.cookie.key] = entry
    }

    /// Removes the cookie with a key; returns false if there is none.
    @discardableResult
    private mutating func remove(_ key: Cookie.Key) -> Bool {
        let domain = key.domain
        guard let cookie = entries[domain]?.removeValue(forKey: key)?.cookie else { return false }
        count -= 1
        bytes -= cookie.bytes
        if cookie.isSecure { secureCookies -= 1 }
        guard entries[domain]?.isEmpty == true else { return true }
        entries[domain] = nil
        let site = site(of: domain)
        siteOfDomain[domain] = nil
        sites[site]?.remove(domain)
        if sites[site]?.isEmpty == true { sites[site] = nil }
        return true
    }

    /// Returns the registered domain at or above a domain; the domain itself if no registered domain exists
    /// or is known.
    private func site(of domain: String) -> String {
        if let site = siteOfDomain[domain] { return site }
        var site = domain
        for domain in Self.domains(of: domain) {
            switch suffixes.contains(domain) {
            case true?: return site
            case false?: site = domain
            case nil: return domain
            }
        }
        return site
    }

    // MARK: Limits

    /// Removes cookies if the site of a domain, or the jar, exceeds a limit.
    ///
    /// Expired cookies are removed first. If a site exceeds its limit, its least recently used cookies
    /// follow. If the jar exceeds a limit, the cookies at the start of `largestSites` follow.
    private mutating func makeRoom(beside domain: String, at now: Int) {
        if limits.perSite < .max {
            let site = site(of: domain)
            let surplus = (sites[site] ?? []).reduce(-limits.perSite) { $0 + (entries[$1]?.count ?? 0) }
            if surplus > 0 {
                remove(surplus, of: cookies(of: site).sorted { $0.used < $1.used }, at: now)
            }
        }
        guard count > limits.cookies || bytes > limits.bytes else { return }
        let all = bytes > limits.bytes ? largestSites { $0.cookie.bytes } : largestSites { _ in 1 }
        // Each call of `largestSites` looks at all cookies, so many cookies are removed at once.
        remove(max(all.count / 20, 1), of: all, at: now)
    }

    private func cookies(of site: String) -> [Entry] {
        (sites[site] ?? []).flatMap { (entries[$0] ?? [:]).values }
    }

    /// Returns all cookies, in the order in which they are removed because of a limit of the jar.
    ///
    /// The rank of a cookie is its size plus the sizes of the cookies of its site that were used later. The
    /// highest rank comes first. So a site with many cookies displaces its own cookies, and not the cookies
    /// of other sites.
    private func largestSites(_ size: (Entry) -> Int) -> [Entry] {
        var ranked: [(entry: Entry, rank: Int)] = []
        for site in sites.keys {
            var rank = 0
            for entry in cookies(of: site).sorted(by: { $0.used > $1.used }) {
                rank += size(entry)
                ranked.append((entry, rank))
            }
        }
        ranked.sort { $0.rank == $1.rank ? $0.entry.used < $1.entry.used : $0.rank > $1.rank }
        return ranked.map(\.entry)
    }

    /// Removes all expired cookies of `kept`, and then other cookies until `most` cookies are removed.
    ///
    /// The other cookies are removed in the order of `kept`.
    private mutating func remove(_ most: Int, of kept: [Entry], at now: Int) {
        let expired = kept.filter { $0.cookie.isExpired(at: now) }
        let others = kept.filter { !$0.cookie.isExpired(at: now) }
        let removed = expired + others.prefix(max(most - expired.count, 0))
        if removed.count > expired.count { hasDisplaced = true }
        for entry in removed { remove(entry.cookie.key) }
    }

    // MARK: Changes

    /// True if responses have changed cookies since the last call of `takeChanges`.
    package var hasChanges: Bool { !changed.isEmpty }

    private mutating func note(_ cookie: Cookie, at now: Int) {
        if isRemoval.updateValue(cookie.isExpired(at: now), forKey: cookie.key) == nil {
            changed.append(cookie.key)
        }
    }

    /// Returns the cookies that responses have changed since the last call, in the order of their first
    /// changes.
    ///
    /// A cookie that a response removed has an expiry in the past. A cookie that was removed because of a
    /// limit is left out.
    package mutating func takeChanges() -> [Cookie] {
        defer { (changed, isRemoval) = ([], [:]) }
        return changed.filter { isRemoval[$0] == true || holds($0) }.map(current)
    }

    /// Returns true if the jar has a cookie with a key, even if the cookie has expired.
    package func holds(_ key: Cookie.Key) -> Bool { entries[key.domain]?[key] != nil }

    /// Returns the cookie with a key; if there is none, returns a cookie with an expiry in the past.
    package func current(_ key: Cookie.Key) -> Cookie {
        if let entry = entries[key.domain]?[key] { return entry.cookie }
        return Cookie(
            name: key.name,
            value: [],
            domain: key.domain,
            isHostOnly: key.isHostOnly,
            path: key.path,
            isSecure: false,
            isHTTPOnly: false,
            expiry: 1
        )
    }
}
