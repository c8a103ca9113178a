// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import FetchModel

/// An easy handle of libcurl, with the state of its task and of the arriving response.
///
/// The transfer owns its handle and the buffer for libcurl's error text. The handle holds unretained pointers
/// to the buffer and to the transfer, so the client keeps all its transfers while the client lives.
/// `@exclusivity(unchecked)` is safe, because libcurl calls back on the client's thread, and never while a
/// property is being changed.
@safe
final class Transfer {
    private(set) var easy: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    /// True if `errorText` is about an earlier try of the last request.
    private var hasEarlierText = false
    /// The parsed form of the URL.
    private let parts: URLParts
    /// The list of `fields` for libcurl, which reads the list until the transfer ends.
    ///
    /// The value is `nil` if libcurl uses the list of `CommonOptions`.
    private var ownHeaders: HeaderList?
    /// The header fields of the request except `Cookie`; `nil` if they are those of `CommonOptions.headers`.
    private(set) var fields: [HeaderField]?
    /// The user's cookies for the request; `nil` if there are none.
    var cookie: [UInt8]?
    var method = FetchTask.Method.get
    /// True if the request may be sent twice.
    var isRepeatable = true
    /// True if the task was tried before.
    var isRetry = false
    /// True if the request has a body that is not empty.
    var sendsBody = false
    /// True if the host seems to speak no HTTP/1 (`mustTryHTTP2`).
    var needsHTTP2 = false
    /// True if the last bytes of the response have arrived over HTTP/2 (`clinux_watch_stream_ends`).
    var hasStreamEnd = false
    /// The redirects that were followed.
    var chain = RedirectChain()
    /// The number of times that libcurl may have sent the last request.
    var requests = 0
    /// True if the server reported over HTTP/2 that it processed no request on the connection.
    ///
    /// The report is noticed only for a request that must not be sent twice.
    var wasLeftAlone = false
    /// True if certificates are accepted without a check.
    var checksNoCertificates = false
    /// True if a request of the task used TLS without a check of the certificate.
    var usedTLS = false

    /// The index of the transfer in the client's table.
    let slot: Int
    /// The slot of the transfer's multi handle; `nil` while libcurl does not have the transfer.
    var handle: Int?
    /// The index of the last request's host in `KnownHosts`.
    var host = 0
    /// The state of the transfer among transfers that share a connection to its host.
    var opening = Opening.alone
    /// The time from the start of the task until libcurl got the last request, in milliseconds.
    var held = 0
    /// The shares of the handle, kept alive while the handle uses one of them; `nil` only if it uses none.
    private var sessions: SessionShares?
    private var share: UnsafeMutableRawPointer?
    /// The token that the caller gave the task.
    var token = 0
    /// The URL of the request; `nil` before the first request.
    private(set) var target: TargetURL?
    /// True if libcurl got a stand-in for the host of the URL; see `URLParts.setStandIn`.
    private(set) var hasStandIn = false
    /// True if CURLOPT_REQUEST_TARGET was set, even if a reset of the handle has removed the value.
    var hasOwnTarget = false
    /// True if the handle must be reset after the task.
    var isAltered = false
    /// True if the handle must be replaced after the task.
    private var needsNewHandle = false
    /// True if a slow response is ended.
    var endsSlowResponse = true
    /// The longest time allowed for the task, in milliseconds; the client adds the times of its standstills
    /// (`StandstillClock`).
    var timeout = 0
    /// The longest time until a connection is ready, in milliseconds, without excused times.
    private(set) var connectLimit = 0
    /// The start of the task, in milliseconds of the client's clock.
    var begun = 0
    /// The part of the last request's time that does not count towards the connect time-out, in milliseconds.
    ///
    /// The part consists of three times: the standstills of the client, the wait for a thread that looks up
    /// the host name, and the time before a sent request begins again.
    var excused = 0
    /// The time at which the client must end the transfer, in milliseconds of the client's clock; `nil` if
    /// libcurl's own timer is up to date.
    var deadline: Int?
    /// True from the start of a task to its end.
    var isRunning = false
    /// True if the last request has an http URL and goes to an HTTP proxy.
    var asksProxy = false
    /// The name of the proxy; `nil` if there is no proxy.
    private(set) var proxyName: String?
    /// True if a connection over IPv6 was tried for the last request.
    ///
    /// Over IPv6, EADDRNOTAVAIL of connect(2) can mean two things: no local port is left, or this machine has
    /// no IPv6 address.
    var hasTriedIPv6 = false
    /// The response as far as it has arrived.
    @exclusivity(unchecked) @safe
    var response = ResponseCollector()
    /// The rules for allowed peers.
    @exclusivity(unchecked) @safe
    var peers: PeerRules
    /// The guard against a slow response.
    @exclusivity(unchecked) @safe
    var speed: SpeedGuard
    /// The value of `firstByteTime` just before libcurl last sent the request, in microseconds.
    ///
    /// While `firstByteTime` equals this value, no byte of a response to that request has arrived.
    var firstByteBefore = 0
    /// The cookies of the session; `nil` if none are kept from task to task.
    let session: SessionCookies?
    /// The parts of the URL that decide about cookies, for the last request sent; `nil` without a session.
    var cookieURL: CookieURL?
    /// The object that is notified of each connection that is opened.
    let interests: SocketInterests
    /// The sockets that were opened for the connection being made.
    @exclusivity(unchecked) @safe
    var opened: [Int32] = []
    /// True while a connection for the request is being made; `interests` counts such transfers.
    var isConnecting = false {
        didSet { interests.connecting += (isConnecting ? 1 : 0) - (oldValue ? 1 : 0) }
    }
    /// The number of connections made for the last request, counted at the last call of `checkConnection`.
    ///
    /// The value is 0 before the first call for the request.
    var connectsBefore = 0
    /// The HTTP/2 connection on which libcurl has begun the request; `nil` for other requests.
    var sharedConnection: SocketInterests.Connection?
    /// The time at which the request on `sharedConnection` began, in milliseconds of the client's clock.
    var sent = 0
    /// The memory block in which libcurl keeps the last header field received; `nil` if no field has arrived
    /// since the last request began.
    var lastField: UnsafeMutableRawPointer?
    /// The memory block of the last header field of an earlier response (`CurlLibrary`); `nil` for none.
    private var heldField: UnsafeMutableRawPointer?
    /// True while libcurl has the buffer for its error text.
    var hasErrorText = true
    /// The host name whose addresses the transfer waits for; `nil` if there is none.
    var awaitedName: String?
    /// The start of the last wait for addresses, in microseconds of the client's clock.
    var nameWaitBegan = 0
    /// The time for which the last request waited for addresses, in microseconds; 0 without a wait.
    var nameWait = 0
    /// The host of the last request, if the client's resolver looks up its name; otherwise `nil`.
    var namedHost: NamedHost?
    /// The lines of CURLOPT_RESOLVE that give libcurl addresses of hosts; `nil` if there are none.
    var givenNames: HeaderList?
    /// True if libcurl's time-outs are reduced by the time before libcurl got the request.
    var hasShorterTimeouts = false
    /// True if the request must begin again on a new connection, because libcurl chose an unfit connection
    /// (`checkConnection`).
    var mustBeginAgain = false
    /// True if the request is limited to HTTP/1; `nil` if `setVersion` has not set the handle's option yet.
    var isHTTP1: Bool?
    /// True if the transfer may share the connection of another transfer.
    var mayJoin = false

    /// The states of a transfer among transfers that share a connection to its host.
    enum Opening {
        /// The transfer shares no connection.
        case alone
        /// The transfer makes a connection to its host, or reuses an idle connection.
        ///
        /// Other transfers may wait until this transfer has its connection.
        case first
        /// The transfer waits until a transfer in the state `first` has its connection.
        case waiting
        /// The transfer may use an open connection, and `KnownHosts` counts the transfer as open.
        case open
    }

    init?(slot: Int, options: CommonOptions) {
        guard let parts = URLParts(), let easy = unsafe curl_easy_init() else { return nil }
        self.parts = parts
        (peers, speed, interests) = (options.peers, options.speed, options.interests)
        session = options.session
        unsafe self.easy = unsafe easy
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.pointee = 0
        self.slot = slot
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe clinux_release(heldField)
        unsafe errorText.deallocate()
    }

    /// Sets the options that all requests share; needed again after a reset of the handle.
    func setCommonOptions(_ options: CommonOptions) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_pointer(easy, CURLOPT_PRIVATE, context)
        unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        unsafe ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION, receiveBody)
        unsafe ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION, receiveHeaderLine)
        unsafe ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context)
        unsafe ccurl_set_open_callback(easy, openSocket)
        unsafe ccurl_set_pointer(easy, CURLOPT_CURLU, parts.pointer)
        unsafe ccurl_set_pointer(easy, CURLOPT_PREREQDATA, context)
        unsafe ccurl_set_request_callback(easy, beforeRequest)
        unsafe ccurl_set_pointer(easy, CURLOPT_XFERINFODATA, context)
        unsafe ccurl_set_progress_callback(easy, noteProgress)
        unsafe options.apply(to: easy)
        (timeout, checksNoCertificates) = (options.timeout, options.checksNoCertificates)
        connectLimit = options.connectTimeout
        proxyName = options.proxyName
        cookie = options.cookie
        if let cookie { setText(CURLOPT_COOKIE, cookie) }
        (isAltered, hasErrorText, isHTTP1) = (false, true, nil)
    }

    /// Sets the options of this task.
    ///
    /// `key` is the key of the task's host (`HostHash`), and `now` is the time in milliseconds of the
    /// client's clock.
    func prepare(_ task: FetchTask, token: Int, host key: Int, options: CommonOptions, now: Int) {
        self.token = token
        (held, opening) = (0, .alone)
        var limits = options.limits
        // The response to a HEAD ends with its header (RFC 9110 §9.3.2), so there is no body to process.
        if task.method == .head { (limits.wantsResponse, limits.isOfHEAD) = (false, true) }
        let own = options.fields(of: task)
        if let undoesCodings = RequestFields.undoesCodings(own) {
            limits.undoesCodings = undoesCodings
        }
        response.begin(limits)
        peers.begin()
        (isRunning, begun, excused, deadline, usedTLS) = (true, now, 0, nil, false)
        (method, isRepeatable, isRetry) = (task.method, task.isIdempotent, false)
        (sendsBody, needsHTTP2) = (!(task.body ?? []).isEmpty, false)
        prepareRequest(task.url)
        endsSlowResponse = options.endsSlowResponses && task.timeout == nil
        let timeout = task.timeout?.wholeMilliseconds ?? options.timeout
        if timeout != self.timeout {
            self.timeout = timeout
            unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, timeout)
        }
        if task.method != .get || task.body != nil || !task.headers.isEmpty || !task.isIdempotent {
            isAltered = true
            setRequest(task, own, options)
        }
        setTarget(task.url, options)
        share(options, key)
    }

    /// Forgets the last request, and sets the URL of the next request.
    func prepareRequest(_ url: TargetURL) {
        (firstByteBefore, connectsBefore, requests, wasLeftAlone) = (0, 0, 0, false)
        (nameWait, namedHost, sharedConnection, hasTriedIPv6) = (0, nil, nil, false)
        opened.removeAll(keepingCapacity: true)
        unsafe errorText.pointee = 0
        hasEarlierText = false
        target = url
        setText(CURLOPT_URL, url.text)
        hasStandIn = false
        guard !parts.set(url) else { return }
        hasStandIn = parts.setStandIn(for: url)
        guard !hasStandIn else { return }
        // libcurl then parses the text itself and reports why the URL is refused.
        unsafe ccurl_set_pointer(easy, CURLOPT_CURLU, nil)
        isAltered = true
    }

    /// Lets the handle share TLS sessions with other transfers to the host that has `key`.
    ///
    /// Requests that must not be repeated share TLS sessions only among themselves. Their share also holds
    /// their connections, so that other requests do not use these connections
    /// (`CommonOptions.separateConnections`).
    func share(_ options: CommonOptions, _ key: Int) {
        let shares = isRepeatable ? options.sessions : options.separateConnections
        let new = unsafe shares.share(of: key)
        guard unsafe new != share else { return }
        unsafe ccurl_set_pointer(easy, CURLOPT_SHARE, new)
        unsafe (share, sessions) = (new, shares)
    }

    /// Reduces libcurl's time-outs by the time that has passed already.
    ///
    /// The total time-out counts from the start of the task, and the connect time-out from the start of the
    /// last request.
    func startLate(now: Int, _ options: CommonOptions) {
        held = now - begun
        chain.noteStart()
        guard held > 0 else { return }
        hasShorterTimeouts = true
        unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, max(timeout - held, 1))
        unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeout(options))
    }

    /// Returns the connect time-out for libcurl, in milliseconds; at least 1.
    ///
    /// libcurl counts this time-out from the moment at which libcurl got the last request. So the time from
    /// the start of the last request to that moment is subtracted, and the excused time is added.
    func connectTimeout(_ options: CommonOptions) -> Int {
        max(options.connectTimeout + excused - (held - chain.elapsed), 1)
    }

    /// Prepares the last request for another beginning on a new connection.
    ///
    /// The request was not sent, or may be sent again.
    func prepareAgain(now: Int, _ options: CommonOptions) {
        (mustBeginAgain, mayJoin, isAltered) = (false, false, true)
        holdLastField()
        takeBackNames()
        response.beginNextRequest()
        (firstByteBefore, connectsBefore, sharedConnection, hasTriedIPv6) = (0, 0, nil, false)
        opened.removeAll(keepingCapacity: true)
        unsafe errorText.pointee = 0
        hasEarlierText = false
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
        // If libcurl has sent the request before, the time until now does not count towards the connect
        // time-out.
        if requests > 0 { excused = max(excused, now - begun - chain.elapsed) }
        startLate(now: now, options)
    }

    /// Marks the task as a retry, and makes libcurl open a new connection.
    func connectAnew() {
        (isAltered, isRetry) = (true, true)
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
    }

    /// Makes `restore` replace the handle after a failed request that may have been sent.
    ///
    /// libcurl 7.88 repeats a request at most five times, but counts the repetitions of all tasks of a handle
    /// together.
    func forgetRepeats() {
        if requests > 0 { (isAltered, needsNewHandle) = (true, true) }
    }

    /// Makes `restore` replace the handle after a request with a `Host` field, if there is no session.
    ///
    /// A handle of libcurl 7.88 keeps the host of such a field, even after a reset. libcurl would use that
    /// host to choose the cookies of all later requests without the field.
    private func forgetHost(_ options: CommonOptions) {
        guard session == nil, fields?.contains(where: \.isHost) ?? options.hasHost else { return }
        (isAltered, needsNewHandle) = (true, true)
    }

    /// Forgets the task that has ended, and restores the options that the task has changed.
    func restore(_ options: CommonOptions) {
        (isRunning, isConnecting) = (false, false)
        holdLastField()
        let hasCookies = response.hasCookies
        response.end()
        if hasCookies {
            // The next task must not send the cookies that libcurl has kept for redirects.
            unsafe ccurl_set_text(easy, CURLOPT_COOKIELIST, "ALL")
        }
        if !chain.hops.isEmpty || chain.ticks > 0 { chain = RedirectChain() }
        takeBackNames()
        forgetHost(options)
        guard isAltered else { return restoreTimeouts(options) }
        hasShorterTimeouts = false
        // A reset drops the list of cookie files without freeing it.
        unsafe ccurl_set_text(easy, CURLOPT_COOKIEFILE, nil)
        unsafe curl_easy_reset(easy)
        // A reset keeps the share.
        unsafe ccurl_set_pointer(easy, CURLOPT_SHARE, nil)
        unsafe (share, sessions) = (nil, nil)
        (ownHeaders, fields) = (nil, nil)
        if unsafe needsNewHandle || !options.applyBuffer(to: easy) { replaceHandle() }
        needsNewHandle = false
        setCommonOptions(options)
    }

    /// Replaces a handle that is unusable after a reset; keeps the handle if memory runs out.
    ///
    /// A reset does not clear libcurl's note that a server has refused a stream. With this note, libcurl 7.88
    /// would repeat a later request that must not be repeated.
    ///
    /// After a transfer over a shared HTTP/2 connection, libcurl 7.88 keeps its receive buffer, and refuses a
    /// new size. With the default size of 16 KiB, libcurl would split longer header lines.
    ///
    /// `forgetRepeats`, `forgetHost` and `holdLastField` have further reasons.
    private func replaceHandle() {
        guard let new = unsafe curl_easy_init() else { return }
        unsafe curl_easy_cleanup(easy)
        unsafe easy = new
        unsafe clinux_release(heldField)
        unsafe heldField = nil
    }

    /// Keeps the memory of the last header field received: libcurl still points to this memory when the next
    /// transfer begins.
    ///
    /// If the memory cannot be kept, because too many blocks are held, `restore` replaces the handle.
    func holdLastField() {
        guard let field = unsafe lastField else { return }
        unsafe clinux_release(heldField)
        unsafe (heldField, lastField) = (nil, nil)
        if unsafe clinux_hold(field) == 0 {
            unsafe heldField = unsafe field
        } else {
            (isAltered, needsNewHandle) = (true, true)
        }
    }

    /// Sets method, body and fields; `own` has the fields of the task.
    private func setRequest(_ task: FetchTask, _ own: [HeaderField], _ options: CommonOptions) {
        setBody(task.body ?? [], isSent: task.body != nil || Self.bodyIsUsual(task.method))
        switch task.method {
        case .get where task.body == nil, .post: break
        case .head: unsafe ccurl_set_long(easy, CURLOPT_NOBODY, 1)
        default:
            setText(CURLOPT_CUSTOMREQUEST, Array(task.method.rawValue.utf8))
        }
        if !task.isIdempotent {
            // libcurl repeats a request if a reused connection closes before the response. So this request
            // gets a connection of its own.
            unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
            unsafe ccurl_set_long(easy, CURLOPT_FORBID_REUSE, 1)
            listenToRemarks()
        }
        if !own.isEmpty { setFields(own, options) }
    }

    /// Sets all header fields except `Cookie`.
    func setFields(_ fields: [HeaderField]) {
        let list = HeaderList(fields)
        unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, list.first)
        (self.fields, ownHeaders, isAltered) = (fields, list, true)
    }

    private func setFields(_ own: [HeaderField], _ options: CommonOptions) {
        let own = RequestFields(own)
        setFields(own.others(over: options.headers))
        guard let ownCookie = own.cookie else { return }
        cookie = ownCookie
        setText(CURLOPT_COOKIE, ownCookie)
    }

    /// Returns true if the header of the request may be too long for HTTP/2.
    ///
    /// nghttp2 sends no header of more than 64 KiB, and libcurl 7.88 does not notice that the header was not
    /// sent. The server then ends the connection when libcurl cancels the request. `longHeader` leaves space
    /// for at most 8 KiB of cookies of redirects and sessions, and for the fields that libcurl adds.
    func hasLongHeader(_ options: CommonOptions) -> Bool {
        let fields = ownHeaders?.http2Bytes ?? options.http2Bytes
        return fields + (target?.text.count ?? 0) + (cookie?.count ?? 0) > Self.longHeader
    }

    /// The largest header that is sent over HTTP/2, in bytes, without cookies of servers.
    static let longHeader = 56_000

    /// Returns true for methods whose requests without a body contain `Content-Length: 0` (RFC 9110 §8.6).
    private static func bodyIsUsual(_ method: FetchTask.Method) -> Bool {
        method == .post || method == .put || method == .patch
    }

    private func setBody(_ body: [UInt8], isSent: Bool) {
        guard isSent else { return }
        // The size comes first, since it tells libcurl how much to copy.
        unsafe ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, body.count)
        unsafe body.withUnsafeBufferPointer { bytes in
            bytes.isEmpty
                ? unsafe _ = ccurl_set_text(easy, CURLOPT_COPYPOSTFIELDS, "")
                : unsafe bytes.withMemoryRebound(to: CChar.self) {
                    unsafe _ = ccurl_set_text(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
                }
        }
    }

    /// Sets an option to a text without NULs, which libcurl copies.
    func setText(_ option: CURLoption, _ text: [UInt8]) {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { copy in
            for index in text.indices { unsafe copy[index] = CChar(bitPattern: text[index]) }
            unsafe copy[text.count] = 0
            unsafe _ = ccurl_set_text(easy, option, copy.baseAddress)
        }
    }

    /// Sets libcurl's buffer for error texts again, if the buffer was removed.
    func attachErrorText() {
        guard !hasErrorText else { return }
        hasErrorText = true
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    }

    /// Notes that libcurl repeats the request.
    ///
    /// If there is a text about the failure of the first try, libcurl writes no other text.
    func noteRepetition() { hasEarlierText = unsafe errorText.pointee != 0 }

    /// The error text of libcurl for the last try of the request; empty if there is none.
    ///
    /// Some texts quote the URL of the proxy. The user name and password are removed from such a text.
    var failureText: String { hasEarlierText ? "" : firstText }

    /// The text for an error with the code `code`.
    ///
    /// If libcurl has repeated the request, only the text of the first try may exist. A broken connection
    /// usually has the same text in both tries.
    func failureText(of code: CURLcode) -> String {
        code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ? firstText : failureText
    }

    private var firstText: String {
        let text = unsafe String(cString: errorText)
        guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
        return URLSecrets.excerpt(Array(text.utf8).span, limit: text.utf8.count)
    }
}
