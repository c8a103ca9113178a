// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Platform

// Requests to one HTTP/2 server can share one connection. But until the first connection is made, libcurl
// does not know the server's protocol, and would open one connection for each request. CURLOPT_PIPEWAIT does
// not help: in libcurl 7.88 a waiting transfer has no time-out. So the client itself holds back the later
// transfers until the first transfer has its connection.
extension FetchClient {
    /// Starts a transfer, or holds it back while an earlier transfer gets a connection to the host.
    func open(_ transfer: Transfer) {
        switch hosts.open(transfer.slot, at: transfer.host) {
        case .joins: transfer.opening = .open
        case .opens: transfer.opening = .first
        case .waits:
            transfer.opening = .waiting
            held += 1
            return
        }
        start(transfer)
    }

    /// Acts on the events of connections that `SocketInterests` has recorded since the last call.
    ///
    /// The function calls `limitVersions` and `severEnded`, and starts the transfers that waited for a
    /// connection that is now ready.
    ///
    /// - Returns: True if a transfer that waited was started, or if an HTTP/2 session has ended.
    func takeNotes() -> Bool {
        let interests = loop.interests
        if !interests.http1Hosts.isEmpty { limitVersions() }
        let haveEnded = !interests.ended.isEmpty
        if haveEnded { severEnded() }
        guard !interests.ready.isEmpty else { return haveEnded }
        let ready = interests.ready
        interests.ready.removeAll(keepingCapacity: true)
        let before = held
        for slot in ready where transfers[slot].opening == .first {
            transfers[slot].opening = .open
            startWaiting(at: transfers[slot].host)
        }
        return haveEnded || held < before
    }

    /// Limits running transfers and later requests to HTTP/1 if their host is in
    /// `SocketInterests.http1Hosts`.
    ///
    /// Running transfers are not changed if each host in `http1Hosts` has at most one request in flight.
    ///
    /// A host in `http1Hosts` has a connection of HTTP/1, but other servers of the host may speak HTTP/2.
    /// Without the limit to HTTP/1, libcurl could give one connection of HTTP/1 to several transfers. The
    /// limit has no effect on requests that libcurl has begun (`Transfer.checkConnection`).
    private func limitVersions() {
        let places = loop.interests.http1Hosts
        loop.interests.http1Hosts.removeAll(keepingCapacity: true)
        for place in places { hosts.limitToHTTP1(at: place) }
        guard places.contains(where: { hosts.inFlight(at: $0) > 1 }) else { return }
        for transfer in transfers where transfer.isRunning && places.contains(transfer.host) {
            transfer.setVersion(isHTTP1: true)
        }
    }

    /// Ends the transfers on HTTP/2 connections whose sessions have ended.
    ///
    /// If a server breaks a rule of HTTP/2, nghttp2 ends the session. libcurl 7.88 reports the end only to
    /// the stream that has read last. The other streams would wait until the server closes the connection.
    private func severEnded() {
        let interests = loop.interests
        for connection in interests.ended {
            if let socket = interests.socket(of: connection) { _ = interests.sever(socket) }
        }
        interests.ended.removeAll(keepingCapacity: true)
        loop.lookAtAll()
    }

    /// Begins a request again on a new connection.
    func beginAgain(_ transfer: Transfer) {
        transfer.prepareAgain(now: MonotonicClock.milliseconds(), options)
        hasFollowed = true
        start(transfer)
    }

    /// Notes that a transfer no longer uses its HTTP/2 connection.
    ///
    /// If the transfer has timed out without a response, and the connection is silent
    /// (`SocketInterests.noteTimeOut`), no new request uses the connection. The other requests on the
    /// connection go on; when the last of them has ended, the connection is closed.
    func leaveConnection(of transfer: Transfer, _ code: CURLcode) {
        guard let connection = transfer.sharedConnection else { return }
        transfer.sharedConnection = nil
        // libcurl may have closed the connection already.
        guard let socket = loop.interests.socket(of: connection) else { return }
        if code == CURLE_OPERATION_TIMEDOUT, !transfer.hasFirstByte {
            let now = MonotonicClock.milliseconds()
            loop.interests.noteTimeOut(socket, of: transfer.sent, at: now)
        }
        guard loop.interests.isSilent(socket),
            !transfers.contains(where: { $0.isRunning && $0.sharedConnection == connection })
        else { return }
        _ = loop.interests.sever(socket)
    }

    private func startWaiting(at host: Int) {
        let waiting = hosts.opened(at: host)
        guard !waiting.isEmpty else { return }
        held -= waiting.count
        let now = MonotonicClock.milliseconds()
        for slot in waiting { startLate(transfers[slot], now: now) }
    }

    private func startLate(_ transfer: Transfer, now: Int) {
        transfer.opening = .open
        transfer.startLate(now: now, options)
        start(transfer)
    }

    /// Starts the transfers whose total time-outs have passed while they waited for a connection; libcurl
    /// then ends these transfers with a time-out.
    func startOverdue(now: Int) {
        for transfer in transfers
        where transfer.isRunning && transfer.opening == .waiting && now - transfer.begun >= transfer.timeout {
            hosts.stopWaiting(transfer.slot, at: transfer.host)
            held -= 1
            startLate(transfer, now: now)
        }
    }

    func close(_ transfer: Transfer) {
        switch transfer.opening {
        case .alone, .waiting: return
        // The transfer failed before its request was sent, so the transfers that it held back wait no longer.
        case .first: startWaiting(at: transfer.host)
        case .open: break
        }
        hosts.closed(at: transfer.host)
        transfer.opening = .alone
    }
}

// The look-up of the host name, before libcurl gets a transfer.

extension FetchClient {
    /// Makes the resolver of a client; returns nil if requests go to a proxy.
    ///
    /// With a proxy, the proxy or libcurl looks up the names.
    ///
    /// - Throws: `FetchClientError.events` if the kernel refuses a descriptor.
    static func resolver(
        _ settings: FetchSettings,
        _ guards: ClientGuards
    ) throws(FetchClientError) -> NameResolver? {
        guard settings.proxy == nil else { return nil }
        var limits = NameCache.Limits()
        limits.lifetime = max(settings.nameLifetime.wholeMilliseconds, 0)
        let threads = guards.lookupLimits ?? LookupLimits(concurrency: settings.concurrency)
        return try NameResolver(limits, threads: threads, lookUp: guards.lookUp)
    }

    /// Finds or looks up the addresses of a transfer's host; returns true if the transfer can start.
    ///
    /// Returns false if the transfer waits for the addresses, or has ended because the look-up failed.
    func isNamed(_ transfer: Transfer, _ url: TargetURL, now: Int) -> Bool {
        guard let resolver, let name = url.lookedUpName else { return true }
        if !options.givenLines.isEmpty, options.isGiven(url) { return true }
        defer { watchResolver() }
        transfer.namedHost = NamedHost(name: name, port: url.port)
        if let known = resolver.find(name, for: transfer.slot, isRetry: transfer.isRetry, at: now) {
            return isNamed(transfer, known)
        }
        transfer.beginNameWait(name)
        checkNames(at: transfer.nameDeadline(options, lookupFrom: now))
        return false
    }

    private func isNamed(_ transfer: Transfer, _ known: NameCache.Known) -> Bool {
        if let failure = known.result.failure {
            endUnstarted(transfer, failure.error)
            return false
        }
        transfer.namedHost?.known = known
        return true
    }

    /// Starts or holds back the transfers whose names have been looked up (`startOrHold`); ends the transfers
    /// whose look-up has failed.
    func takeNames() {
        guard let resolver, resolver.lookups > 0 else { return }
        let now = MonotonicClock.milliseconds()
        for resolution in resolver.takeResolutions(at: now) {
            for slot in resolution.slots {
                let transfer = transfers[slot]
                transfer.endNameWait(lookupFrom: resolution.start)
                transfer.startLate(now: now, options)
                if isNamed(transfer, resolution.known) { startOrHold(transfer) }
            }
        }
        watchResolver()
    }

    /// Ends the transfers that have waited for their names until their time-outs.
    func endOverdueNameWaits() {
        guard let resolver, let deadline = nameDeadline else { return }
        let now = MonotonicClock.milliseconds()
        guard now >= deadline else { return }
        nameDeadline = nil
        for transfer in transfers {
            guard let name = transfer.awaitedName else { continue }
            let start = resolver.start(of: name)
            let deadline = transfer.nameDeadline(options, lookupFrom: start)
            guard now >= deadline else {
                // If the name still waits for a thread, a thread can take it at any time from now on. The
                // connect time-out begins when a thread takes the name.
                checkNames(at: min(deadline, transfer.nameDeadline(options, lookupFrom: start ?? now)))
                continue
            }
            let error = start == nil && resolver.areNamesWaiting ? Self.noThread : Self.noLookup
            resolver.abandon(name, for: transfer.slot, at: now)
            transfer.endNameWait(lookupFrom: nil)
            endUnstarted(transfer, error)
        }
        watchResolver()
    }

    /// The error of a task whose host name was not resolved in time.
    private static let noLookup = TaskError(
        .timeoutConnect,
        "no connection was ready within the time-out: the look-up of the host name did not end",
        isRetryable: true
    )

    /// The error of a task whose host name waited for a free thread until the time-out; the host is not at
    /// fault.
    private static let noThread = TaskError(
        .oom,
        "no thread was free to look up the host name within the time-out, because many look-ups of other names have not ended; raise --timeout or lower --concurrency",
        isRetryable: true
    )

    private func checkNames(at time: Int) { nameDeadline = min(nameDeadline ?? .max, time) }

    private func watchResolver() {
        guard let resolver else { return }
        loop.watch(resolver.descriptor, resolver.lookups > 0)
        // During the next 100 ms, a running look-up can become slow (`LookupLimits`). A waiting name can then
        // get another thread.
        if resolver.areNamesWaiting { checkNames(at: MonotonicClock.milliseconds() + 100) }
    }
}
