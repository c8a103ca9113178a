// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc
import Platform

/// Multi handles of libcurl driven by one epoll, without ever waiting.
///
/// Measured against `curl_multi_poll`, which walks all transfers in each turn. One handle is the newest,
/// which new hosts go to; the one before it serves the hosts that it has met, by the connections that it has;
/// those before are retired, and freed once their transfers have ended.
@safe
final class MultiLoop {
    /// Told by libcurl what to watch; outlives the handles.
    let interests: SocketInterests
    /// The handles by their slots.
    private var handles: [MultiHandle?] = []
    private var newest: MultiHandle
    /// The one before the newest; `nil` if there is none that takes transfers.
    private var previous: MultiHandle?
    /// The number of handles that were made and not freed.
    private(set) var count = 1
    /// The most handles at a time: a transfer may take minutes, and meanwhile its handle stays.
    private static let maxCount = 40
    /// Connections that a handle keeps open at most.
    private let maxConnections: Int
    // A plain buffer for the kernel to fill; the union in its elements is what the language calls unsafe.
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)
    /// The events that were taken from the kernel and not handled yet.
    private var unhandled = 0..<0
    /// The time for which events are handled in one turn, in milliseconds: the owner has other things to do.
    private static let turn = 50

    /// The most transfers at a time, as far as the owner knows.
    private let concurrency: Int
    /// A descriptor that is watched for the owner, of which libcurl knows nothing.
    private var ownersDescriptor: Int32 = -1
    private var watchesOwners = false

    /// Makes a loop whose handles keep up to so many connections open each, for so many transfers at a time.
    init(maxConnections: Int, concurrency: Int) throws(FetchClientError) {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else {
            // The text is copied before anything else may overwrite it.
            throw .events(lastSystemError())
        }
        interests = SocketInterests(descriptor: descriptor)
        (self.maxConnections, self.concurrency) = (maxConnections, concurrency)
        guard
            let first = MultiHandle(
                slot: 0,
                maxConnections: maxConnections,
                concurrency: concurrency,
                interests: interests
            )
        else {
            throw .library
        }
        newest = first
        handles.append(first)
    }

    /// True if another handle may be made.
    var mayRenew: Bool { count < Self.maxCount }

    /// True if the handle in a slot is the newest, false if it is the one before; `nil` for others.
    func isNewest(_ slot: Int) -> Bool? {
        slot == newest.slot ? true : slot == previous?.slot ? false : nil
    }

    /// Makes another handle the newest; returns false, and changes nothing, without memory.
    func renew() -> Bool {
        let slot = handles.firstIndex { $0 == nil } ?? handles.count
        guard
            let new = MultiHandle(
                slot: slot,
                maxConnections: maxConnections,
                concurrency: concurrency,
                interests: interests
            )
        else {
            return false
        }
        if slot == handles.count { handles.append(new) } else { handles[slot] = new }
        count += 1
        if let previous { retire(previous) }
        (previous, newest) = (newest, new)
        return true
    }

    private func retire(_ handle: MultiHandle) {
        handle.retire()
        freeIfDrained(handle)
    }

    private func freeIfDrained(_ handle: MultiHandle) {
        guard handle.isRetired, handle.transfers == 0 else { return }
        handles[handle.slot] = nil
        count -= 1
    }

    /// The handle that a transfer goes to: the newest, or the one before it.
    func handle(ofPrevious: Bool) -> MultiHandle { ofPrevious ? previous ?? newest : newest }

    /// Removes a transfer from its handle.
    func remove(_ easy: UnsafeMutableRawPointer, from slot: Int) {
        guard let handle = handles[slot] else { return }
        unsafe handle.remove(easy)
        freeIfDrained(handle)
    }

    /// Starts what was added, tells the kernel what to watch, and says how long to wait at most: in
    /// milliseconds, -1 if there is no timer.
    func settle() -> Int32 {
        let now = MonotonicClock.milliseconds()
        for case let handle? in handles { handle.fireTimer(now: now) }
        interests.tellAll()
        guard unhandled.isEmpty else { return 0 }
        var next: Int?
        for case let handle? in handles {
            guard let timer = handle.timer else { continue }
            next = min(timer, next ?? timer)
        }
        guard let next else { return -1 }
        return Int32(clamping: max(next - MonotonicClock.milliseconds(), 0))
    }

    /// Wakes the owner when `descriptor` is readable, or does not any more.
    func watch(_ descriptor: Int32, _ isWatched: Bool) {
        guard isWatched != watchesOwners else { return }
        (ownersDescriptor, watchesOwners) = (descriptor, isWatched)
        interests.set(descriptor, isWatched ? EPOLLIN.rawValue : 0, for: 0)
    }

    /// Handles the events that are there, or as many as fit into one turn.
    ///
    /// libcurl follows a socket while data is there, so a single event may take as long as the whole body of
    /// an answer.
    func advance() {
        if unhandled.isEmpty {
            guard interests.areAny else { return }
            let count = unsafe epoll_wait(interests.descriptor, &events, Int32(events.count), 0)
            unhandled = 0..<max(Int(count), 0)
        }
        guard !unhandled.isEmpty else { return }
        let end = MonotonicClock.milliseconds() + Self.turn
        while let index = unhandled.popFirst() {
            let event = unsafe events[index]
            let socket = unsafe event.data.fd
            if socket == ownersDescriptor { continue }
            // The handle may have been freed meanwhile, and another stand in its place, which does not know
            // the socket then.
            if let handle = handles[interests.handle(of: socket)] {
                unsafe handle.act(on: socket, Self.readiness(event.events))
            }
            if MonotonicClock.milliseconds() >= end { return }
        }
    }

    /// Lets libcurl look at all transfers although nothing has happened.
    ///
    /// libcurl 7.88 gives each address of a host a part of the time, but does not wake for the next one, and
    /// may leave data unread that no event tells of again. The curl tool, for which that is no matter, looks
    /// at everything once a second.
    func lookAtAll() {
        for case let handle? in handles where handle.transfers > 0 { handle.lookAtAll() }
    }

    /// Closes the idle connections of handles that wait only for their transfers to end; called each second.
    func closeIdleConnectionsOfRetired() {
        for case let handle? in handles where handle.isRetired { handle.closeIdleConnections() }
    }

    /// Takes the next transfer that has ended.
    func nextDone() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        for case let handle? in handles {
            if let done = unsafe handle.nextDone() { return unsafe done }
        }
        return nil
    }

    private static func readiness(_ events: UInt32) -> Int32 {
        var result: Int32 = 0
        if events & EPOLLIN.rawValue != 0 { result |= CURL_CSELECT_IN }
        if events & EPOLLOUT.rawValue != 0 { result |= CURL_CSELECT_OUT }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { result |= CURL_CSELECT_ERR }
        return result
    }
}
