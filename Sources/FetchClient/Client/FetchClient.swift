// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
package import FetchModel
import Platform

/// libcurl as this project uses it: one task in, one result out, many at once, on the thread that made it.
///
/// The client never waits. In each turn of its loop the owner calls `advance`, takes results with
/// `takeFinished`, begins tasks, calls `settle`, and then polls `descriptor` for reading, together with
/// whatever else it has to watch, for as long as `settle` said. libcurl queues nothing: the owner begins no
/// more tasks than may run at a time, so that time-outs cover no waiting.
///
/// Not sendable, and without locks: all calls come from one thread. None of them is made from inside another,
/// and libcurl's callbacks reach the transfers and the interests alone, so nobody need check at run time who
/// changes a property.
package final class FetchClient {
    /// The loop that moves the transfers.
    let loop: MultiLoop
    let options: CommonOptions
    /// Looks up host names; nil where a proxy does.
    let resolver: NameResolver?
    /// The time at which the first of the transfers that wait for a name has waited long enough; nil if none waits.
    @exclusivity(unchecked) @safe
    var nameDeadline: Int?
    @exclusivity(unchecked) @safe
    var hosts: KnownHosts
    private var trust: TrustWatch
    private let sessionLifetime: Int
    /// The time at which the TLS sessions that there are now are forgotten.
    private var sessionsEnd: Int
    /// The number of renewals of caches that are due until none is left that holds certificates as they were.
    private var renewalsDue = 0
    /// All transfers ever made; the idle ones are used again, since making a handle costs more than a small
    /// fetch.
    @exclusivity(unchecked) @safe
    private(set) var transfers: [Transfer] = []
    @exclusivity(unchecked) @safe
    private var idle: [Int] = []
    /// Results not yet taken, from `nextFinished` on; those before are nil.
    @exclusivity(unchecked) @safe
    private var finished: [FetchResult?] = []
    @exclusivity(unchecked) @safe
    private var nextFinished = 0
    private var ticks = TickClock()
    /// The number of transfers that wait for the connection of another one.
    var held = 0
    /// When to look at the transfers while a connection is being made.
    private var looks: TickClock
    private var standstill = StandstillClock()

    /// Begun tasks whose results were not yet taken.
    package private(set) var inFlight = 0

    /// Prepares libcurl.
    ///
    /// `userAgent` is what requests say where the settings name nothing else.
    /// - Throws: `FetchClientError` if libcurl or the kernel refuses.
    package convenience init(_ settings: FetchSettings, userAgent: String) throws(FetchClientError) {
        try self.init(settings, userAgent: userAgent, guards: ClientGuards())
    }

    /// Prepares libcurl; `guards` are others than ours only in tests.
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
        // Each address of a host gets half of the time that is left, so this many looks are enough for three.
        looks = TickClock(interval: min(max(options.connectTimeout / 16, 10), SpeedGuard.tick))
    }

    deinit {
        // The order is libcurl's: handles leave the multi before either is freed.
        for transfer in transfers {
            if let handle = transfer.handle { unsafe loop.remove(transfer.easy, from: handle) }
        }
        transfers = []
    }

    /// Whether a transfer has begun and not ended.
    private var isRunning: Bool { idle.count < transfers.count }

    /// What to poll for reading.
    package var descriptor: Int32 { loop.interests.descriptor }

    /// Calls `notify` about twice a second while a call of the client takes long, from inside that call; it
    /// may not call the client.
    package func whileBusy(_ notify: @escaping () -> Void) { loop.interests.work.notify = notify }

    /// Notes that the owner is busy with results, which may take long as well.
    package func noteWork() { loop.interests.work.note() }

    /// Sends what was begun, and says how long to wait at most before `advance`: in milliseconds, -1 if there
    /// is no hurry, 0 if there are results.
    package func settle() -> Int32 {
        excuseStandstill()
        var timeout = loop.settle()
        while takeNotes() { timeout = loop.settle() }
        collect()
        guard isRunning else {
            // Nothing is there that a standstill could be charged to, and nobody need look at the clock.
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

    /// Begins a task; its result bears `token`.
    ///
    /// A task that was tried before gets a connection of its own: what broke the one may hold for all that
    /// are kept.
    package func begin(_ task: FetchTask, token: Int, isRetry: Bool = false) {
        inFlight += 1
        if let result = ReadyAnswer.result(of: task, token: token, keepsBody: options.limits.wantsResponse) {
            finished.append(result)
            return
        }
        guard let transfer = idleTransfer() else {
            var result = FetchResult(token: token)
            result.error = TaskError(.oom, "libcurl has no memory for another transfer", isRetryable: true)
            finished.append(result)
            return
        }
        let now = MonotonicClock.milliseconds()
        let key = HostHash.key(of: task.url)
        transfer.prepare(task, token: token, host: key, options: options, now: now)
        if isRetry { transfer.connectAnew() }
        if !hosts.isKnown(key), hosts.isFull { renew() }
        transfer.host = hosts.begin(key)
        ticks.run(now: now)
        // HTTP/1 needs a connection for each, and what may not be repeated has one of its own.
        transfer.mayJoin = task.url.scheme == .https && task.isIdempotent && !isRetry && !options.isHTTP1Only
        if isNamed(transfer, task.url, isRetry: isRetry, now: now) { startOrHold(transfer) }
    }

    /// Starts a transfer whose host is named, or lets it wait for the connection of another one.
    func startOrHold(_ transfer: Transfer) {
        if transfer.mayJoin { open(transfer) } else { start(transfer) }
    }

    func start(_ transfer: Transfer) {
        let handle = loop.handle(ofPrevious: hosts.isOfPrevious(transfer.host))
        if let host = transfer.namedHost { transfer.giveNames(handle.names.lines(for: host)) }
        unsafe handle.add(transfer.easy)
        transfer.handle = handle.slot
    }

    /// Lets the next hosts have new caches; returns false if there can be no more now.
    @discardableResult
    private func renew() -> Bool {
        guard loop.mayRenew, loop.renew() else { return false }
        hosts.renew()
        return true
    }

    /// Moves on the transfers whose sockets have news.
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

    /// Looks at transfers without news, if it is time; returns whether a tick was due.
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
                // Twice, since the caches before the newest are used as well.
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

    /// Moves the time-outs of what is in flight by the time in which nobody was here.
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

    /// Takes the next result, in the order of completion.
    package func takeFinished() -> FetchResult? {
        guard nextFinished < finished.count else { return nil }
        // Moved out rather than copied.
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
            // The pointer was set by the transfer itself, and `transfers` keeps it alive.
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            // All that is asked of the handle here survives its removal, and the times are final only then.
            if let handle = transfer.handle { unsafe loop.remove(easy, from: handle) }
            end(transfer, code)
        }
    }

    private func end(_ transfer: Transfer, _ code: CURLcode) {
        transfer.handle = nil
        close(transfer)
        finished.append(transfer.result(code))
        if code != CURLE_OK { transfer.forgetRepeats() }
        free(transfer)
    }

    /// Ends a transfer that libcurl never had.
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
