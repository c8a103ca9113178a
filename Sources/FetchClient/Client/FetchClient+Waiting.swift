// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform

// Requests to one server of HTTP/2 go by one connection, but libcurl knows that it can be so only once it is
// made. Until then it would make one for each. CURLOPT_PIPEWAIT is no help: in libcurl 7.88 what waits has no
// time-out, is woken one by one, by whatever host's transfer ends, and a server of HTTP/1 gets its
// connections one after another.
extension FetchClient {
    /// Starts a transfer, or lets it wait while the first connection to its host is made.
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

    /// Takes what the callbacks have noted; returns true if transfers were started.
    func takeNotes() -> Bool {
        let interests = loop.interests
        for handle in interests.redirected {
            if let isNewest = loop.isNewest(handle) { hosts.meetOther(ofPrevious: !isNewest) }
        }
        interests.redirected.removeAll(keepingCapacity: true)
        guard !interests.ready.isEmpty else { return false }
        let ready = interests.ready
        interests.ready.removeAll(keepingCapacity: true)
        let before = held
        for slot in ready where transfers[slot].opening == .first {
            transfers[slot].opening = .open
            startWaiting(at: transfers[slot].host)
        }
        return held < before
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

    /// Starts what has waited for as long as it may take, so that it ends as what it is: too late.
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
        // It has failed before its request was sent; each of those that waited makes a connection then.
        case .first: startWaiting(at: transfer.host)
        case .open: break
        }
        hosts.closed(at: transfer.host)
        transfer.opening = .alone
    }
}

// The way of a transfer from its beginning until libcurl has it.

extension FetchClient {
    /// Makes the resolver of a client; nil where a proxy looks up the names.
    static func resolver(
        _ settings: FetchSettings,
        _ guards: ClientGuards
    ) throws(FetchClientError) -> NameResolver? {
        guard settings.proxy == nil else { return nil }
        var limits = NameCache.Limits()
        limits.lifetime = max(settings.nameLifetime.wholeMilliseconds, 0)
        // Names whose servers are silent hold their threads for long, so there are as many as tasks, within bounds.
        let threads = min(max(settings.concurrency, 16), 64)
        return try NameResolver(limits, maxThreads: threads, lookUp: guards.lookUp)
    }

    /// Looks up the addresses of a transfer's host; returns false if the transfer waits for them, or has ended for want of any.
    func isNamed(_ transfer: Transfer, _ url: TargetURL, isRetry: Bool, now: Int) -> Bool {
        guard let resolver, let name = url.lookedUpName else { return true }
        defer { watchResolver() }
        transfer.namedHost = NamedHost(name: name, ports: url.portsToName)
        if let known = resolver.find(name, for: transfer.slot, isRetry: isRetry, at: now) {
            return isNamed(transfer, known)
        }
        transfer.beginNameWait(name)
        nameDeadline = min(nameDeadline ?? .max, transfer.nameDeadline(options))
        return false
    }

    private func isNamed(_ transfer: Transfer, _ known: NameCache.Known) -> Bool {
        if let failure = known.answer.failure {
            endUnstarted(transfer, failure.error)
            return false
        }
        transfer.namedHost?.known = known
        return true
    }

    /// Starts the transfers whose names have been looked up.
    func takeNames() {
        guard let resolver, resolver.lookups > 0 else { return }
        let now = MonotonicClock.milliseconds()
        for answer in resolver.takeAnswers(at: now) {
            for slot in answer.slots {
                let transfer = transfers[slot]
                transfer.endNameWait()
                transfer.startLate(now: now, options)
                if isNamed(transfer, answer.known) { startOrHold(transfer) }
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
            let deadline = transfer.nameDeadline(options)
            guard now >= deadline else {
                nameDeadline = min(nameDeadline ?? .max, deadline)
                continue
            }
            resolver.abandon(name, for: transfer.slot)
            transfer.endNameWait()
            let message =
                "no connection was ready within the time-out: the look-up of the host name did not end"
            endUnstarted(transfer, TaskError(.timeoutConnect, message, isRetryable: true))
        }
        watchResolver()
    }

    private func watchResolver() {
        guard let resolver else { return }
        loop.watch(resolver.descriptor, resolver.lookups > 0)
    }
}

extension TargetURL {
    /// The ports to which the addresses of the host are given to libcurl: the URL's, and where that is the usual one, the one to which
    /// redirects of the same host lead.
    fileprivate var portsToName: [UInt16] { scheme == .http && port == 80 ? [80, 443] : [port] }
}
