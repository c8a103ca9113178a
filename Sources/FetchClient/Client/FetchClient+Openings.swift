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
