// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import FetchModel

/// One easy handle of libcurl and what is known of the answer that is coming in on it.
///
/// Who owns what: the client owns the transfer, and the transfer owns its handle and the buffer for libcurl's error
/// text, both for its whole life. The handle holds plain pointers back, to the buffer and to the transfer itself, so a
/// transfer is kept by its client until the handle is freed. Everything happens on the client's one thread: libcurl
/// calls back only from inside the calls that the client makes, never while a property is being changed; so nobody need check
/// that at run time.
@safe
final class Transfer {
    private(set) var easy: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    /// The URL once more, taken apart.
    private let parts: URLParts
    /// Fields sent with this request alone; libcurl reads them until the transfer ends.
    private var ownHeaders: HeaderList?
    /// The same fields without those that describe a body, once a redirect has made the request a GET.
    var bodilessHeaders: HeaderList?
    /// The fields of the request, as long as a redirect may change them.
    var fields: [HeaderField] = []
    /// The user's own cookies for this task; `nil` if there are none.
    var cookie: [UInt8]?
    /// The method of the next request, as far as it is known here.
    var method = FetchTask.Method.get
    /// What follows from the status of a redirect was noted.
    var isRedirectNoted = false
    /// The body of a redirect, which libcurl drops, is counted as it comes.
    var countsDroppedBody = false
    /// Requests that libcurl may have sent for the task, those after redirects included.
    var requests = 0
    /// The server has said over HTTP/2 that it has processed none of the requests on the connection.
    var wasLeftAlone = false
    /// True if certificates are taken without a check.
    var checksNoCertificates = false
    /// True if a certificate was taken so for the task.
    var usedTLS = false

    /// Where the transfer stands in the client's table.
    let slot: Int
    /// The slot of the multi handle that the transfer is in; `nil` if it is in none.
    var handle: Int?
    /// The place of the task's host among those that are known.
    var host = 0
    /// The transfer's part in the connections of others to its host.
    var opening = Opening.alone
    /// Milliseconds that the task waited for the connection of another one.
    var held = 0
    /// The share of the handle with others; kept alive as long as it does.
    private var sessions: SessionShares?
    private var share: UnsafeMutableRawPointer?
    /// What the caller named the task.
    var token = 0
    /// The URL as libcurl was given it.
    var url: [UInt8] = []
    /// The options of this handle differ from those that every GET has.
    var isAltered = false
    /// An answer that comes in too slowly is ended: nobody said how long the fetch may take.
    var endsSlowAnswer = true
    /// The time-out that is set now, in milliseconds.
    var timeout = 0
    /// When the task was begun, in milliseconds of the client's clock.
    var begun = 0
    /// For how long the client stood still since then, in milliseconds.
    var excused = 0
    /// When the client is to end the transfer, where libcurl has lost its own timer.
    var deadline: Int?
    /// A task was begun and has not ended.
    var isRunning = false
    /// The answer, as far as it has come.
    @exclusivity(unchecked) @safe
    var answer = IncomingAnswer()
    /// Which peers the task may speak to.
    @exclusivity(unchecked) @safe
    var peers: PeerRules
    /// Whether the answer comes in fast enough.
    @exclusivity(unchecked) @safe
    var speed: SpeedGuard
    /// When the first byte of an earlier answer came, such as of a redirect: until this changes, none has come of the last.
    var firstByteBefore = 0
    /// Told of each connection that is opened.
    let interests: SocketInterests
    /// The sockets that were opened for the connection that is being made.
    @exclusivity(unchecked) @safe
    var opened: [Int32] = []
    /// A connection is being made for the next request; counted among the interests.
    var isConnecting = false {
        didSet { interests.connecting += (isConnecting ? 1 : 0) - (oldValue ? 1 : 0) }
    }
    /// How many connections were made for the task before the last request.
    var connectsBefore = 0
    /// The block in which libcurl keeps the last field that came; nil if none came in this task.
    var lastField: UnsafeMutableRawPointer?
    /// The block in which it keeps the last field of an earlier task; see `CurlLibrary`.
    private var heldField: UnsafeMutableRawPointer?
    /// libcurl has the buffer for its error text.
    var hasErrorText = true
    /// The host name that the transfer waits for; nil if it does not.
    var awaitedName: String?
    /// The time at which that wait began, in microseconds of the client's clock.
    var nameWaitBegan = 0
    /// The time for which the transfer waited for a name, in microseconds; 0 if it did not.
    var nameWait = 0
    /// The host of the task, where it has a name that is looked up here.
    var namedHost: NamedHost?
    /// The addresses that libcurl is given with this transfer.
    var givenNames: HeaderList?
    /// The time-outs that libcurl has are those that a wait has left.
    var hasShorterTimeouts = false
    /// The transfer may go by the connection of another one.
    var mayJoin = false

    /// A transfer's part in the connections of others to its host.
    enum Opening {
        /// Nothing.
        case alone
        /// It makes the connection that others wait for.
        case first
        /// It waits for that.
        case waiting
        /// It goes by that, or by one of its own, and counts as open.
        case open
    }

    init?(slot: Int, options: CommonOptions) {
        guard let parts = URLParts(), let easy = unsafe curl_easy_init() else { return nil }
        self.parts = parts
        (peers, speed, interests) = (options.peers, options.speed, options.interests)
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

    /// Sets what every request of this client needs; a handle that was reset needs it again.
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
        cookie = options.cookie
        if let cookie { setText(CURLOPT_COOKIE, cookie) }
        (isAltered, hasErrorText) = (false, true)
    }

    /// Sets what this task differs in.
    ///
    /// `key` is the key of the task's host.
    func prepare(_ task: FetchTask, token: Int, host key: Int, options: CommonOptions, now: Int) {
        self.token = token
        (held, opening) = (0, .alone)
        url = task.url.text
        var limits = options.limits
        // The answer to a HEAD is over with its header (RFC 9110 §9.3.2): there is nothing to process.
        if task.method == .head { (limits.wantsResponse, limits.isOfHEAD) = (false, true) }
        if let undoesCodings = RequestFields.undoesCodings(task.headers) {
            limits.undoesCodings = undoesCodings
        }
        answer.begin(limits)
        peers.begin()
        (isRunning, firstByteBefore, begun, excused, deadline) = (true, 0, now, 0, nil)
        (method, isRedirectNoted, connectsBefore) = (task.method, false, 0)
        (requests, usedTLS, wasLeftAlone) = (0, false, false)
        (nameWait, namedHost) = (0, nil)
        opened.removeAll(keepingCapacity: true)
        unsafe errorText.pointee = 0
        setText(CURLOPT_URL, url)
        if !parts.set(task.url) {
            // Then it is for libcurl to say why.
            unsafe ccurl_set_pointer(easy, CURLOPT_CURLU, nil)
            isAltered = true
        }
        endsSlowAnswer = options.endsSlowAnswers && task.timeout == nil
        let timeout = task.timeout?.wholeMilliseconds ?? options.timeout
        if timeout != self.timeout {
            self.timeout = timeout
            unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, timeout)
        }
        if task.method != .get || task.body != nil || !task.headers.isEmpty || !task.isIdempotent {
            isAltered = true
            setRequest(task, options)
        }
        share(task.isIdempotent ? options.sessions : options.separateConnections, key)
    }

    private func share(_ shares: SessionShares, _ key: Int) {
        let new = unsafe shares.share(of: key)
        guard unsafe new != share else { return }
        unsafe ccurl_set_pointer(easy, CURLOPT_SHARE, new)
        unsafe (share, sessions) = (new, shares)
    }

    /// Lets what libcurl measures of the time-outs begin later, by the time that the task has waited.
    func startLate(now: Int, _ options: CommonOptions) {
        held = now - begun
        guard held > 0 else { return }
        hasShorterTimeouts = true
        unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, max(timeout - held, 1))
        unsafe ccurl_set_long(
            easy,
            CURLOPT_CONNECTTIMEOUT_MS,
            max(options.connectTimeout + excused - held, 1)
        )
    }

    /// Uses no connection that is there already.
    func connectAnew() {
        isAltered = true
        unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
    }

    /// Lets the handle be reset after a failed task, whose request may have been sent, and been about to be sent again.
    ///
    /// libcurl 7.88 sends a request again up to five times, but counts over all tasks of a handle; only a reset ends that.
    func forgetRepeats() {
        if requests > 0 { isAltered = true }
    }

    /// Takes back what a task other than a plain GET has set.
    func restore(_ options: CommonOptions) {
        (isRunning, isConnecting) = (false, false)
        holdLastField()
        let hasCookies = answer.hasCookies
        answer.end()
        if hasCookies {
            // Cookies are for the redirects of one task; the next one shall not send them.
            unsafe ccurl_set_text(easy, CURLOPT_COOKIELIST, "ALL")
        }
        countsDroppedBody = false
        takeBackNames()
        guard isAltered else { return restoreTimeouts(options) }
        hasShorterTimeouts = false
        // A reset forgets the list of cookie files without freeing it.
        unsafe ccurl_set_text(easy, CURLOPT_COOKIEFILE, nil)
        unsafe curl_easy_reset(easy)
        // This one alone survives a reset.
        unsafe ccurl_set_pointer(easy, CURLOPT_SHARE, nil)
        unsafe (share, sessions) = (nil, nil)
        (ownHeaders, bodilessHeaders, fields) = (nil, nil, [])
        if unsafe !options.applyBuffer(to: easy) { replaceHandle() }
        setCommonOptions(options)
    }

    /// Takes a new handle where the one that was reset cannot be used as before.
    ///
    /// After a transfer by a connection over HTTP/2 that others go on using, libcurl 7.88 keeps the buffer, and then takes no size
    /// for it. With its own, of 16 KiB, headers that are longer would be cut up, and taken for something else.
    private func replaceHandle() {
        guard let new = unsafe curl_easy_init() else { return }
        unsafe curl_easy_cleanup(easy)
        unsafe easy = new
        unsafe clinux_release(heldField)
        unsafe heldField = nil
    }

    private func holdLastField() {
        guard let field = unsafe lastField else { return }
        unsafe clinux_release(heldField)
        unsafe clinux_hold(field)
        unsafe (heldField, lastField) = (field, nil)
    }

    private func setRequest(_ task: FetchTask, _ options: CommonOptions) {
        setBody(task.body ?? [], isSent: task.body != nil || Self.bodyIsUsual(task.method))
        switch task.method {
        case .get where task.body == nil, .post: break
        case .head: unsafe ccurl_set_long(easy, CURLOPT_NOBODY, 1)
        default:
            setText(CURLOPT_CUSTOMREQUEST, Array(task.method.rawValue.utf8))
            // To libcurl a request with a body is a POST, whatever its name: on 301 and 302 it would drop the body and
            // keep the name. Only a POST becomes a GET there (RFC 9110 §15.4.2 and §15.4.3).
            unsafe ccurl_set_long(easy, CURLOPT_POSTREDIR, Int(CURL_REDIR_POST_301 | CURL_REDIR_POST_302))
        }
        if !task.isIdempotent {
            // libcurl sends a request again by itself where a connection that it used again closes before the first
            // byte. On connections that are never used again it has no occasion to.
            unsafe ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
            unsafe ccurl_set_long(easy, CURLOPT_FORBID_REUSE, 1)
            listenToRemarks()
        }
        fields = options.headers
        if !task.headers.isEmpty { setFields(task.headers, options) }
    }

    private func setFields(_ own: [HeaderField], _ options: CommonOptions) {
        let own = RequestFields(own)
        fields = own.others(over: options.headers)
        let list = HeaderList(fields)
        unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, list.first)
        ownHeaders = list
        guard let ownCookie = own.cookie else { return }
        cookie = ownCookie
        setText(CURLOPT_COOKIE, ownCookie)
    }

    /// Methods whose requests say `Content-Length: 0` where they have no body (RFC 9110 §8.6).
    private static func bodyIsUsual(_ method: FetchTask.Method) -> Bool {
        method == .post || method == .put || method == .patch
    }

    private func setBody(_ body: [UInt8], isSent: Bool) {
        guard isSent else { return }
        // The size comes first: it says how much libcurl copies.
        unsafe ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, body.count)
        unsafe body.withUnsafeBufferPointer { bytes in
            bytes.isEmpty
                ? unsafe _ = ccurl_set_text(easy, CURLOPT_COPYPOSTFIELDS, "")
                : unsafe bytes.withMemoryRebound(to: CChar.self) {
                    unsafe _ = ccurl_set_text(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
                }
        }
    }

    /// Sets an option to text without NULs, which libcurl copies.
    func setText(_ option: CURLoption, _ text: [UInt8]) {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { copy in
            for index in text.indices { unsafe copy[index] = CChar(bitPattern: text[index]) }
            unsafe copy[text.count] = 0
            unsafe _ = ccurl_set_text(easy, option, copy.baseAddress)
        }
    }

    /// Gives libcurl the buffer for its error text, where it was taken away.
    func attachErrorText() {
        guard !hasErrorText else { return }
        hasErrorText = true
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    }

    /// What libcurl says about the transfer's failure; empty if nothing.
    var failureText: String { unsafe String(cString: errorText) }
}
