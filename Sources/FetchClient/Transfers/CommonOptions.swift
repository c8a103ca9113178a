// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

/// The options that all transfers of a client share.
///
/// The options are set on each handle, and again after each reset of the handle.
///
/// This object keeps the list of header fields and `interests` alive, because the handles point to both.
@safe
final class CommonOptions {
    /// The header fields that requests share, except `Cookie`.
    let headers: [HeaderField]
    /// The value of the user's `Cookie` field, for tasks without such a field; `nil` if the user has given
    /// none.
    let cookie: [UInt8]?
    /// True if the user's fields include `Host`.
    let hasHost: Bool
    /// True if the user's fields include `Accept-Encoding`.
    private let namesCodings: Bool
    let limits: ResponseLimits
    /// The cookies of the session; `nil` if none are kept from task to task.
    let session: SessionCookies?
    /// The lines of CURLOPT_RESOLVE for the addresses that the user has given.
    let givenLines: [String]
    /// True if the settings have user names and passwords for hosts.
    let hasLogins: Bool
    /// True if certificates are accepted without a check.
    var checksNoCertificates: Bool { settings.isInsecure }
    /// True if only HTTP/1 is used.
    var isHTTP1Only: Bool { settings.isHTTP1Only }
    /// The name of the proxy; `nil` if there is no proxy.
    let proxyName: String?
    /// True if requests go to an HTTP proxy, which gets the whole URL of an http request.
    let hasHTTPProxy: Bool
    /// The longest time of a fetch in milliseconds, for tasks without a time-out of their own.
    let timeout: Int
    /// The longest time until a connection is ready, in milliseconds.
    let connectTimeout: Int
    /// The maximum number of redirects that are followed.
    var maxRedirects: Int { settings.maxRedirects }
    /// True if the client ends slow responses, except for tasks with a time-out of their own.
    var endsSlowResponses: Bool { settings.endsSlowResponses }
    /// The TLS sessions to resume on the next connection to a host.
    private(set) var sessions: SessionShares
    /// The TLS sessions and the connections of requests that must not be repeated.
    private(set) var separateConnections: SessionShares
    /// The certificates that servers are checked against.
    let trust: TrustStore

    /// The rules for allowed peers; each transfer has its own copy.
    let peers: PeerRules
    /// The guard against slow responses; each transfer has its own copy.
    let speed: SpeedGuard
    let interests: SocketInterests
    /// True if a request with a body may use HTTP/2 even before the host has refused HTTP/1.
    let sendsBodiesOverHTTP2: Bool

    /// The time for which libcurl keeps addresses that it has looked up itself, in seconds.
    private var nameSeconds: Int {
        let seconds = (max(settings.nameLifetime.wholeMilliseconds, 0) + 999) / 1_000
        // libcurl scans all kept addresses after each transfer. Without a proxy, the client itself looks up
        // most names, so libcurl keeps each address for at most one second.
        return settings.proxy == nil ? min(seconds, 1) : seconds
    }
    private let settings: FetchSettings
    private let userAgent: String
    private let headerList: HeaderList
    /// The number of bytes that the common fields need in a header of HTTP/2 (`Transfer.hasLongHeader`).
    var http2Bytes: Int { headerList.http2Bytes }

    init(_ settings: FetchSettings, userAgent: String, interests: SocketInterests, guards: ClientGuards) {
        self.interests = interests
        sessions = SessionShares(interests)
        separateConnections = SessionShares(interests, connections: true)
        self.settings = settings
        self.userAgent = settings.userAgent ?? userAgent
        let fields = RequestFields(Self.headers(settings, userAgent: self.userAgent))
        (headers, cookie) = (fields.others, fields.cookie)
        headerList = HeaderList(headers)
        hasHost = headers.contains(where: \.isHost)
        namesCodings = RequestFields.undoesCodings(settings.headers) != nil
        session = settings.keepsCookies ? SessionCookies(settings.cookies) : nil
        hasLogins = !settings.logins.isEmpty
        proxyName = settings.proxy?.host
        hasHTTPProxy = settings.proxy?.speaksHTTP ?? false
        givenLines = settings.givenAddresses.map(\.text)
        limits = ResponseLimits(
            maxBodyBytes: settings.maxBodyBytes,
            wantsResponse: settings.wantsResponses,
            recordsHeaders: settings.recordsHeaders,
            keepsCookies: settings.keepsCookies,
            undoesCodings: RequestFields.undoesCodings(headers) ?? true,
            followsRedirects: settings.maxRedirects > 0
        )
        // With a proxy, the client's only peer is the proxy.
        let policy = settings.proxy == nil ? settings.privateAddresses : .allow
        peers = PeerRules(policy, by: guards.addresses)
        speed = guards.speed
        sendsBodiesOverHTTP2 = guards.sendsBodiesOverHTTP2
        timeout = max(settings.timeout.wholeMilliseconds, 1)
        connectTimeout = max(settings.connectTimeout.wholeMilliseconds, 1)
        trust = TrustStore(chosenFile: settings.certificateFile)
    }

    /// Discards all TLS sessions, so that the next connections check the servers' certificates.
    ///
    /// Transfers that use an old share keep it alive.
    func forgetSessions() {
        sessions = SessionShares(interests)
        separateConnections = SessionShares(interests, connections: true)
    }

    /// Returns the user's fields, and `User-Agent` and `Accept-Encoding` if the user's fields lack them.
    private static func headers(_ settings: FetchSettings, userAgent: String) -> [HeaderField] {
        let own = [
            HeaderField(name: "User-Agent", value: userAgent),
            RequestFields.needIdentity(settings.headers)
                ? RequestFields.identity
                : HeaderField(name: "Accept-Encoding", value: ContentCoding.accepted),
        ]
        let names = Set(settings.headers.map { $0.name.lowercased() })
        return settings.headers + own.filter { !names.contains($0.name.lowercased()) }
    }

    /// Returns the fields of a task, and `Accept-Encoding: identity` if the task's fields need it.
    ///
    /// The task's fields need it if `RequestFields.needIdentity` is true for them, and the user's fields lack
    /// `Accept-Encoding`.
    func fields(of task: FetchTask) -> [HeaderField] {
        let own = task.headers
        return own.isEmpty || namesCodings || !RequestFields.needIdentity(own)
            ? own : own + [RequestFields.identity]
    }

    /// Returns true if the user has given addresses for the host and port of a URL.
    func isGiven(_ url: TargetURL) -> Bool {
        let host = url.host
        return settings.givenAddresses.contains { $0.isFor(host, url.port) }
    }

    /// Returns a task with the login of its host; `nil` if no login applies.
    ///
    /// No login applies if the URL is a `data:` URL, if the settings have no login for the host, or if the
    /// fields of the task or of the user contain `Authorization`.
    func withLogin(_ task: FetchTask) -> FetchTask? {
        let isAuthorization = { (field: HeaderField) in field.name.lowercased() == "authorization" }
        guard task.url.scheme != .data, !task.headers.contains(where: isAuthorization),
            !settings.headers.contains(where: isAuthorization),
            let field = HostLogin.find(task.url.hostKey.name, in: settings.logins)?.field
        else { return nil }
        var known = task
        known.headers.append(field)
        return known
    }

    /// Returns the field with the login of the host that a redirect leads to; `nil` if there is none.
    ///
    /// A login for any host (`default` in netrc(5)) does not count, because the server of `last` chose the
    /// host of `next`. After a request over TLS, no login is sent without TLS.
    func login(for next: TargetURL, redirectedFrom last: TargetURL) -> HeaderField? {
        guard hasLogins, next.scheme == .https || last.scheme == .http else { return nil }
        return HostLogin.find(next.hostKey.name, in: settings.logins, isNamed: true)?.field
    }

    func apply(to easy: UnsafeMutableRawPointer) {
        unsafe applyRules(to: easy)
        unsafe applyTLS(to: easy)
        unsafe ccurl_set_close_callback(easy, closeSocket)
        unsafe ccurl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, interests.context)
        unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, timeout)
        unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeout)
        // CONNECT does not get the fields of the list, so this option sets its `User-Agent`.
        if settings.proxy != nil { unsafe ccurl_set_text(easy, CURLOPT_USERAGENT, userAgent) }
        _ = unsafe applyBuffer(to: easy)
        unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, headerList.first)
        unsafe ccurl_set_long(easy, CURLOPT_DNS_CACHE_TIMEOUT, nameSeconds)
        // The client decodes bodies itself. libcurl 7.88 would lose gzip bodies with several members, and
        // would not report truncated bodies.
        unsafe ccurl_set_long(easy, CURLOPT_HTTP_CONTENT_DECODING, 0)
    }

    /// Sets the size of the receive buffer; returns false if libcurl refuses the size.
    func applyBuffer(to easy: UnsafeMutableRawPointer) -> Bool {
        unsafe ccurl_set_long(easy, CURLOPT_BUFFERSIZE, limits.bufferBytes) == CURLE_OK
    }

    private func applyRules(to easy: UnsafeMutableRawPointer) {
        unsafe ccurl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        // The client itself follows redirects; libcurl gets each further request as a new transfer.
        unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        // Without a session, libcurl keeps the cookies for the redirects of one task. The empty file name
        // turns cookies on without reading a file.
        if session == nil { unsafe ccurl_set_text(easy, CURLOPT_COOKIEFILE, "") }
        // Empty texts make libcurl ignore the environment variables about proxies. The proxy's URL contains
        // the user name and password. If separate options contained them, libcurl 7.88 might decode them
        // twice.
        unsafe ccurl_set_text(easy, CURLOPT_PROXY, settings.proxy?.secretText ?? "")
        unsafe ccurl_set_text(easy, CURLOPT_NOPROXY, "")
        // Without this option, a SOCKS proxy could choose GSS-API. For HTTP proxies, basic is the default.
        unsafe ccurl_set_long(easy, CURLOPT_SOCKS5_AUTH, Self.basicAuthentication)
        // The proxy's response to CONNECT is not the server's response.
        unsafe ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        unsafe ccurl_set_long(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        // The URLs contain no user names and passwords; an `Authorization` field contains them.
        unsafe ccurl_set_long(easy, CURLOPT_HTTPAUTH, 0)
        unsafe ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        // With a socks5 proxy, libcurl looks up names in threads of its own. Without this option, libcurl
        // would wait at a time-out for the end of the look-up, and so delay all other transfers.
        unsafe ccurl_set_long(easy, Self.quickExit, 1)
        // The progress callback runs while libcurl reads from a connection, even if the data are dropped.
        unsafe ccurl_set_long(easy, CURLOPT_NOPROGRESS, 0)
        // With the value 0, libcurl removes dot segments. This has no effect, because parsed URLs have none.
        unsafe ccurl_set_long(easy, CURLOPT_PATH_AS_IS, 0)
    }

    /// CURLOPT_QUICK_EXIT of libcurl 7.87; the header files of earlier versions lack the name.
    private static let quickExit = CURLoption(rawValue: 322)
    /// CURLAUTH_BASIC, a macro that Swift does not import: a user name and a password.
    private static let basicAuthentication = 1

    private func applyTLS(to easy: UnsafeMutableRawPointer) {
        unsafe ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, settings.isInsecure ? 0 : 1)
        unsafe ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, settings.isInsecure ? 0 : 2)
        unsafe trust.apply(to: easy)
        if settings.proxy?.kind == .https { unsafe trust.applyToProxy(of: easy) }
    }
}
