// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
package import FetchModel
import Platform

/// A client of libcurl that runs many transfers at the same time on one thread, and never waits.
///
/// In each turn of a loop, the owner calls `advance`, takes results with `takeFinished`, begins tasks and
/// calls `settle`. Then the owner polls `descriptor` for reading, for at most the time that `settle`
/// returned. The owner keeps at most `FetchSettings.concurrency` tasks in flight.
///
/// The client is not sendable and has no locks. All calls come from one thread, and no call comes from inside
/// another call. The callbacks of libcurl do not use this object. Hence exclusivity is not checked at run
/// time for the properties that are used most.
package final class FetchClient {
    let loop: MultiLoop
    let options: CommonOptions
    /// The resolver of host names; nil if requests go to a proxy.
    let resolver: NameResolver?
    /// The time of the next check of host names, in milliseconds of `MonotonicClock`; nil if no check is
    /// needed.
    ///
    /// The check looks for transfers that have waited too long for a host name, and for names that wait for a
    /// thread.
    @exclusivity(unchecked) @safe
    var nameDeadline: Int?
    @exclusivity(unchecked) @safe
    var hosts: KnownHosts
    private var trust: TrustWatch
    private let sessionLifetime: Int
    /// The time in milliseconds of `MonotonicClock` from which the next tick discards all TLS sessions
    /// because of their age.
    private var sessionsEnd: Int
    /// The number of multi handles that must still be created because the trusted certificates have changed.
    ///
    /// Each new multi handle reads the certificates.
    private var renewalsDue = 0
    /// All transfers of this client; idle transfers are reused, since a new easy handle is expensive.
    @exclusivity(unchecked) @safe
    private(set) var transfers: [Transfer] = []
    @exclusivity(unchecked) @safe
    private var idle: [Int] = []
    /// The results in order of completion.
    ///
    /// Results from index `nextFinished` on are still to be taken; the others are nil.
    @exclusivity(unchecked) @safe
    private var finished: [FetchResult?] = []
    @exclusivity(unchecked) @safe
    private var nextFinished = 0
    private var ticks = TickClock()
    /// The number of transfers that wait for the connection of another transfer.
    var held = 0
    /// True if a redirect was followed or a request was begun again since `settle` last let libcurl start
    /// transfers.
    var hasFollowed = false
    /// The clock for extra checks of the transfers while a connection is being made.
    private var looks: TickClock
    private var standstill = StandstillClock()

    /// The number of tasks that were begun and whose results were not yet taken.
    package private(set) var inFlight = 0

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - settings: The settings of all requests.
    ///   - userAgent: The `User-Agent` of requests if the settings name none.
    /// - Throws: `FetchClientError` if libcurl cannot start or has no memory for a handle, or if the kernel
    ///   refuses a descriptor.
    package convenience init(_ settings: FetchSettings, userAgent: String) throws(FetchClientError) {
        try self.init(settings, userAgent: userAgent, guards: ClientGuards())
    }

    /// Makes a client; only tests pass `guards` other than the defaults.
    init(_ settings: FetchSettings, userAgent: String, guards: ClientGuards) throws(FetchClientError) {
        guard CurlLibrary.start() else { throw .library }
        let room = ConnectionRoom(concurrency: settings.concurrency, hosts: guards.hostsPerHandle)
        loop = try MultiLoop(maxConnections: room.perHandle, concurrency: settings.concurrency)
        hosts = KnownHosts(limit: guards.hostsPerHandle)
        resolver = try Self.resolver(settings, guards)
        options = CommonOptions(settings, userAgent: userAgent, interests: loop.interests, guards: guards)
        trust = TrustWatch(settings.isInsecure ? nil : options.trust.file, interval: guards.trustInterval)
        sessionLifetime = guards.sessionLifetime
        sessionsEnd = MonotonicClock.milliseconds() + sessionLifetime
        // libcurl sets no timer for the change to a host's next address, so the client must check in time.
        // libcurl gives each address half of the remaining time: the third address gets an eighth of the
        // connect time-out.
        looks = TickClock(interval: min(max(options.connectTimeout / 16, 10), SpeedGuard.tick))
    }

    deinit {
        // libcurl requires that an easy handle leaves its multi handle before either of the two is freed.
        for transfer in transfers {
            if let handle = transfer.handle { unsafe loop.remove(transfer.easy, from: handle) }
        }
        transfers = []
    }

    /// True while a transfer has begun and not ended.
    private var isRunning: Bool { idle.count < transfers.count }

    /// The descriptor that the owner polls for reading.
    package var descriptor: Int32 { loop.interests.descriptor }

    /// Sets a function that the client calls while its work progresses, at most twice a second.
    ///
    /// `notify` runs inside a call of the client, so `notify` must not call the client.
    package func whileBusy(_ notify: @escaping () -> Void) { loop.interests.work.notify = notify }

    /// Notes that the owner is busy with results; may call the function that `whileBusy` has set.
    ///
    /// The owner calls `noteWork` only after work that can last long, because `noteWork` reads the clock.
    package func noteWork() { loop.interests.work.noteLong() }

    /// Lets libcurl start new transfers; returns the longest time to wait before `advance`.
    ///
    /// - Returns: The time in milliseconds; 0 if `takeFinished` or `advance` has work now, -1 if there is no
    ///   limit.
    package func settle() -> Int32 {
        excuseStandstill()
        var timeout: Int32
        repeat {
            hasFollowed = false
            timeout = loop.settle()
            while takeNotes() { timeout = loop.settle() }
            collect()
        } while hasFollowed
        guard isRunning else {
            // No transfer is running, so the clock need not be read.
            standstill.leave(now: 0, for: -1)
            return nextFinished < finished.count ? 0 : timeout
        }
        let now = MonotonicClock.milliseconds()
        if loop.interests.connecting > 0 { looks.run(now: now) } else { looks.stop() }
        timeout = nextFinished < finished.count ? 0 : looks.bound(ticks.bound(timeout, now: now), now: now)
        if let nameDeadline, timeout != 0 {
            let left = Int32(clamping: max(nameDeadline - now, 0))
            timeout = timeout < 0 ? left : min(timeout, left)
        }
        standstill.leave(now: now, for: timeout)
        return timeout
    }

    /// Begins a task; the result carries `token`.
    ///
    /// A retry gets a new connection, because the idle connections to the host may all have the fault that
    /// ended the last attempt.
    package func begin(_ task: FetchTask, token: Int, isRetry: Bool = false) {
        if options.hasLogins, let known = options.withLogin(task) {
            return begin(known, token: token, isRetry: isRetry)
        }
        inFlight += 1
        if let result = LocalFetch.result(of: task, token: token, limits: options.limits) {
            finished.append(result)
            return
        }
        guard let transfer = idleTransfer() else {
            var result = FetchResult(token: token)
            result.error = TaskError(.oom, "libcurl has no memory for another transfer", isRetryable: true)
            result.wasSent = false
            finished.append(result)
            return
        }
        let now = MonotonicClock.milliseconds()
        let key = HostHash.key(of: task.url)
        transfer.prepare(task, token: token, host: key, options: options, now: now)
        if isRetry { transfer.connectAnew() }
        ticks.run(now: now)
        begin(transfer, task.url, host: key, now: now)
    }

    /// Begins the first request of a task, or a request that a redirect leads to.
    func begin(_ transfer: Transfer, _ url: TargetURL, host key: Int, now: Int) {
        if !hosts.isKnown(key), hosts.isFull { renew() }
        transfer.host = hosts.begin(key)
        // Over HTTP/1, a connection serves one request at a time. Without TLS, each request uses HTTP/1. A
        // retry gets a new connection. A request that must not be repeated also gets a new connection. So
        // none of these requests may share a connection.
        transfer.mayJoin = speaksHTTP2(transfer, url) && transfer.isRepeatable && !transfer.isRetry
        if isNamed(transfer, url, now: now) { startOrHold(transfer) }
    }

    /// Returns true if a request can use HTTP/2.
    ///
    /// A server may respond before it has the whole request (RFC 9113 §8.1). If libcurl 7.88 is then still
    /// sending a body over HTTP/2, libcurl can lose the end of the response, or break off other requests on
    /// the connection. So a request with a body uses HTTP/1, unless the host refuses HTTP/1 or a test sets
    /// `sendsBodiesOverHTTP2`. A request with a long header always uses HTTP/1.
    private func speaksHTTP2(_ transfer: Transfer, _ url: TargetURL) -> Bool {
        url.scheme == .https && !options.isHTTP1Only && !hosts.isHTTP1Only(at: transfer.host)
            && (!transfer.sendsBody || transfer.needsHTTP2 || options.sendsBodiesOverHTTP2)
            && !transfer.hasLongHeader(options)
    }

    /// Starts a transfer, or holds it back while another transfer gets a connection to the host (`open`).
    func startOrHold(_ transfer: Transfer) {
        if transfer.mayJoin { open(transfer) } else { start(transfer) }
    }

    func start(_ transfer: Transfer) {
        if let url = transfer.target { transfer.setVersion(isHTTP1: !speaksHTTP2(transfer, url)) }
        let handle = loop.handle(ofPrevious: hosts.isOfPrevious(transfer.host))
        if !options.givenLines.isEmpty {
            // If several lines of CURLOPT_RESOLVE are for the same host and port, libcurl keeps the last of
            // these lines. So the user's lines come last.
            let known = transfer.namedHost.map { handle.names.lines(for: $0) } ?? []
            transfer.giveNames(known + options.givenLines)
        } else if let host = transfer.namedHost {
            transfer.giveNames(handle.names.lines(for: host))
        }
        unsafe handle.add(transfer.easy)
        transfer.handle = handle.slot
    }

    /// Creates a multi handle with empty caches for the next hosts; returns false if that is impossible now.
    @discardableResult
    private func renew() -> Bool {
        guard loop.mayRenew, loop.renew() else { return false }
        hosts.renew()
        return true
    }

    /// Advances the transfers whose sockets or addresses are ready, and ends the transfers that have timed
    /// out or are too slow.
    package func advance() {
        excuseStandstill()
        takeNames()
        loop.advance()
        let isTick = lookIfDue()
        _ = takeNotes()
        collect()
        guard isRunning else { return standstill.leave(now: 0, for: -1) }
        let now = MonotonicClock.milliseconds()
        if isTick { endOverdue(now: now) }
        endOverdueNameWaits()
        standstill.leave(now: now)
    }

    /// Lets libcurl check all transfers if a check or a tick is due; returns true if a tick was due.
    ///
    /// At a tick, the function also does the other work that is due, such as the renewal of multi handles.
    private func lookIfDue() -> Bool {
        guard isRunning else { return false }
        let now = MonotonicClock.milliseconds()
        let isTick = ticks.isDue(now: now)
        if looks.isDue(now: now) || isTick { loop.lookAtAll() }
        if isTick {
            loop.closeIdleConnectionsOfRetired()
            if held > 0 { startOverdue(now: now) }
            if now >= sessionsEnd { forgetSessions(now: now) }
            if trust.isRenewed(now: now) {
                forgetSessions(now: now)
                // Two renewals are needed, because the previous handle and its caches also serve hosts.
                renewalsDue = 2
            }
            while renewalsDue > 0, renew() { renewalsDue -= 1 }
        }
        return isTick
    }

    private func forgetSessions(now: Int) {
        options.forgetSessions()
        sessionsEnd = now + sessionLifetime
    }

    /// Extends the time-outs of the running transfers by the time in which the owner's loop stood still.
    private func excuseStandstill() {
        guard isRunning else { return }
        let gap = standstill.gap(now: MonotonicClock.milliseconds())
        guard gap > 0 else { return }
        for transfer in transfers where transfer.isRunning { transfer.excuse(gap, options) }
    }

    private func endOverdue(now: Int) {
        for transfer in transfers where transfer.isRunning {
            guard let handle = transfer.handle, transfer.isOverdue(now: now) else { continue }
            unsafe loop.remove(transfer.easy, from: handle)
            end(transfer, CURLE_OPERATION_TIMEDOUT)
        }
    }

    /// Removes and returns the next result, in the order of completion; returns nil if there is none.
    package func takeFinished() -> FetchResult? {
        guard nextFinished < finished.count else { return nil }
        // `swap` moves the result out of the array; an assignment would copy the result.
        var result: FetchResult?
        swap(&result, &finished[nextFinished])
        nextFinished += 1
        inFlight -= 1
        if nextFinished == finished.count {
            finished.removeAll(keepingCapacity: true)
            nextFinished = 0
        }
        return result
    }

    private func idleTransfer() -> Transfer? {
        if let slot = idle.popLast() { return transfers[slot] }
        guard let transfer = Transfer(slot: transfers.count, options: options) else { return nil }
        transfer.setCommonOptions(options)
        transfers.append(transfer)
        return transfer
    }

    private func collect() {
        while let (easy, code) = unsafe loop.nextDone() {
            var context: UnsafeMutableRawPointer?
            unsafe ccurl_get_pointer(easy, &context)
            guard let context = unsafe context else { continue }
            // The transfer itself set the pointer, and `transfers` keeps the transfer alive.
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            // The times that libcurl measures are final only after the removal. The other values that libcurl
            // has for the transfer stay valid.
            if let handle = transfer.handle { unsafe loop.remove(easy, from: handle) }
            end(transfer, code)
        }
    }

    private func end(_ transfer: Transfer, _ code: CURLcode) {
        transfer.handle = nil
        leaveConnection(of: transfer, code)
        if let session = options.session { transfer.takeCookies(for: session) }
        close(transfer)
        let mustBeginAgain = transfer.mustBeginAgain || transfer.mustTryHTTP2(after: code, options)
        if mustBeginAgain { return beginAgain(transfer) }
        if transfer.response.leadsOn, follow(transfer, code) { return }
        finished.append(transfer.result(code))
        if code != CURLE_OK { transfer.forgetRepeats() }
        free(transfer)
    }

    /// Ends a transfer whose last request was never given to libcurl.
    func endUnstarted(_ transfer: Transfer, _ error: TaskError) {
        finished.append(transfer.nameResult(error))
        free(transfer)
    }

    private func free(_ transfer: Transfer) {
        hosts.end(at: transfer.host)
        transfer.restore(options)
        idle.append(transfer.slot)
        if !isRunning { ticks.stop() }
    }
}
