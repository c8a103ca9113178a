// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

/// What every transfer of a client has in common; made once, set on each handle once.
///
/// The lists are owned here, and the interests kept here; all outlive the handles that point to them.
@safe
final class CommonOptions {
    /// The fields that each request has, but for `Cookie`.
    let headers: [HeaderField]
    /// The user's own cookies for each request; `nil` if there are none.
    let cookie: [UInt8]?
    let limits: AnswerLimits
    /// True if certificates are taken without a check.
    var checksNoCertificates: Bool { settings.isInsecure }
    /// True if HTTP/1 alone is spoken.
    var isHTTP1Only: Bool { settings.isHTTP1Only }
    /// The longest a fetch may take, in milliseconds.
    let timeout: Int
    /// The longest a connection may take to be ready, in milliseconds.
    let connectTimeout: Int
    /// True if answers that come in too slowly are ended, where a task names no time-out.
    var endsSlowAnswers: Bool { settings.endsSlowAnswers }
    /// TLS sessions for the next connection to a host.
    private(set) var sessions: SessionShares
    /// The same for requests that may not be repeated: their connections are kept apart from those that are
    /// used again.
    private(set) var separateConnections: SessionShares
    /// The certificates that servers are checked against.
    let trust: TrustStore

    /// Which peers a task may speak to; each transfer has its own copy.
    let peers: PeerRules
    /// How slow an answer may be; each transfer has its own copy.
    let speed: SpeedGuard
    let interests: SocketInterests

    /// The seconds for which libcurl keeps the addresses that it has looked up itself.
    private var nameSeconds: Int {
        let seconds = (max(settings.nameLifetime.wholeMilliseconds, 0) + 999) / 1_000
        // It walks all that it keeps after each transfer.
        return settings.proxy == nil ? min(seconds, 1) : seconds
    }
    private let settings: FetchSettings
    private let userAgent: String
    private let headerList: HeaderList

    init(_ settings: FetchSettings, userAgent: String, interests: SocketInterests, guards: ClientGuards) {
        self.interests = interests
        sessions = SessionShares(interests)
        separateConnections = SessionShares(interests, connections: true)
        self.settings = settings
        self.userAgent = settings.userAgent ?? userAgent
        let fields = RequestFields(Self.headers(settings, userAgent: self.userAgent))
        (headers, cookie) = (fields.others, fields.cookie)
        headerList = HeaderList(headers)
        limits = AnswerLimits(
            maxBodyBytes: settings.maxBodyBytes,
            wantsResponse: settings.wantsResponses,
            undoesCodings: RequestFields.undoesCodings(headers) ?? true
        )
        // Behind a proxy the only peer we see is the proxy.
        let policy = settings.proxy == nil ? settings.privateAddresses : .allow
        peers = PeerRules(policy, by: guards.addresses)
        speed = guards.speed
        timeout = max(settings.timeout.wholeMilliseconds, 1)
        connectTimeout = max(settings.connectTimeout.wholeMilliseconds, 1)
        trust = TrustStore(chosenFile: settings.certificateFile)
    }

    /// Uses no session again that there is now: servers are to be checked anew.
    ///
    /// Transfers that have a share of the old ones keep them alive.
    func forgetSessions() {
        sessions = SessionShares(interests)
        separateConnections = SessionShares(interests, connections: true)
    }

    /// The fields that each request has: the user's, and those that libcurl would else make anew for each
    /// request.
    private static func headers(_ settings: FetchSettings, userAgent: String) -> [HeaderField] {
        let own = [
            HeaderField(name: "User-Agent", value: userAgent),
            HeaderField(name: "Accept-Encoding", value: ContentCoding.accepted),
        ]
        let names = Set(settings.headers.map { $0.name.lowercased() })
        return settings.headers + own.filter { !names.contains($0.name.lowercased()) }
    }

    func apply(to easy: UnsafeMutableRawPointer) {
        unsafe applyRules(to: easy)
        unsafe applyTLS(to: easy)
        unsafe ccurl_set_close_callback(easy, closeSocket)
        unsafe ccurl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, interests.context)
        unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, timeout)
        unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeout)
        // The proxy is told too, which does not get the fields of the list.
        if settings.proxy != nil { unsafe ccurl_set_text(easy, CURLOPT_USERAGENT, userAgent) }
        _ = unsafe applyBuffer(to: easy)
        unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, headerList.first)
        // Names are looked up by the client's resolver; what libcurl looks up itself, for redirects and for a
        // proxy, it keeps as short as it can.
        unsafe ccurl_set_long(easy, CURLOPT_DNS_CACHE_TIMEOUT, nameSeconds)
        // Bodies come as they were sent, and are decoded here: libcurl 7.88 loses those of several members,
        // those with anything behind their end, and those in codings it does not know; and it does not tell
        // where one ends too early.
        unsafe ccurl_set_long(easy, CURLOPT_HTTP_CONTENT_DECODING, 0)
    }

    /// Sets the size of the buffer for what comes in; returns false if libcurl does not take it.
    func applyBuffer(to easy: UnsafeMutableRawPointer) -> Bool {
        unsafe ccurl_set_long(easy, CURLOPT_BUFFERSIZE, limits.bufferBytes) == CURLE_OK
    }

    private func applyRules(to easy: UnsafeMutableRawPointer) {
        unsafe ccurl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        unsafe ccurl_set_text(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, settings.maxRedirects > 0 ? 1 : 0)
        unsafe ccurl_set_long(easy, CURLOPT_MAXREDIRS, settings.maxRedirects)
        // Cookies are kept for the redirects of one transfer. No file has this name, so none is read.
        unsafe ccurl_set_text(easy, CURLOPT_COOKIEFILE, "")
        // Empty texts keep libcurl from asking the environment for a proxy, and for hosts to ask without one.
        unsafe ccurl_set_text(easy, CURLOPT_PROXY, settings.proxy ?? "")
        unsafe ccurl_set_text(easy, CURLOPT_NOPROXY, "")
        // What the proxy says before the tunnel stands is no answer.
        unsafe ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        unsafe ccurl_set_long(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        // User names and passwords that a redirect names are not sent, as the input may name none either.
        unsafe ccurl_set_long(easy, CURLOPT_HTTPAUTH, 0)
        unsafe ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        // Called while libcurl follows a connection, whatever becomes of what comes.
        unsafe ccurl_set_long(easy, CURLOPT_NOPROGRESS, 0)
        // Our URLs have no dot segments; those of redirects are left to libcurl, which removes them.
        unsafe ccurl_set_long(easy, CURLOPT_PATH_AS_IS, 0)
        let version = settings.isHTTP1Only ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS
        unsafe ccurl_set_long(easy, CURLOPT_HTTP_VERSION, version)
    }

    private func applyTLS(to easy: UnsafeMutableRawPointer) {
        unsafe ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, settings.isInsecure ? 0 : 1)
        unsafe ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, settings.isInsecure ? 0 : 2)
        unsafe trust.apply(to: easy)
    }
}
