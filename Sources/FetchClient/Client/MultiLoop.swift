// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc
import Platform

/// An event loop that drives the multi handles of libcurl with one epoll descriptor, and never waits.
///
/// The loop replaces `curl_multi_poll`, which checks every transfer in each call. New hosts go to the newest
/// handle. The previous handle serves the hosts that it knows. Each older handle is freed when its last
/// transfer has ended.
@safe
final class MultiLoop {
    /// The record of the descriptors to watch; it outlives the handles.
    let interests: SocketInterests
    /// The handles, indexed by slot.
    private var handles: [MultiHandle?] = []
    private var newest: MultiHandle
    /// The handle that was created before the newest; `nil` if there was none.
    private var previous: MultiHandle?
    /// The number of handles that were created and not yet freed.
    private(set) var count = 1
    /// The largest number of handles, including retired handles, which may live for minutes.
    private static let maxCount = 40
    /// The largest number of connections that a handle keeps open.
    private let maxConnections: Int
    // This buffer is `unsafe` only because `epoll_event` contains a union.
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)
    /// The indices of the events that are not handled yet.
    private var unhandled = 0..<0
    /// The time after which a call of `advance` handles no further event, in milliseconds.
    private static let turn = 50

    /// The maximum number of transfers at a time.
    private let concurrency: Int
    /// The descriptor of the client's resolver; -1 until `watch` has begun to watch it.
    private var ownersDescriptor: Int32 = -1
    private var watchesOwners = false

    /// Creates a loop for `concurrency` transfers; each handle keeps at most `maxConnections` connections
    /// open.
    ///
    /// - Throws: `FetchClientError` if the kernel refuses a descriptor, or if libcurl has no memory for a
    ///   handle.
    init(maxConnections: Int, concurrency: Int) throws(FetchClientError) {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else {
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

    /// True if another handle may be created.
    var mayRenew: Bool { count < Self.maxCount }

    /// Creates a handle, which becomes the newest; returns false if memory runs out.
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

    /// Returns the newest handle, or the previous handle if `ofPrevious` is true and there is one.
    func handle(ofPrevious: Bool) -> MultiHandle { ofPrevious ? previous ?? newest : newest }

    /// Removes a transfer from its handle; frees this handle if it is retired and has no other transfer.
    func remove(_ easy: UnsafeMutableRawPointer, from slot: Int) {
        guard let handle = handles[slot] else { return }
        unsafe handle.remove(easy)
        freeIfDrained(handle)
    }

    /// Fires the timers that are due, and tells the kernel which sockets to watch.
    ///
    /// New transfers also start in this function, because libcurl starts them with a timer.
    ///
    /// - Returns: The longest time to wait, in milliseconds. The time is 0 if events are left or a timer is
    ///   due. The time is -1 (no limit) if no events are left and no timer is set.
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

    /// Starts or stops watching `descriptor`, which belongs to the client's resolver.
    func watch(_ descriptor: Int32, _ isWatched: Bool) {
        guard isWatched != watchesOwners else { return }
        (ownersDescriptor, watchesOwners) = (descriptor, isWatched)
        interests.set(descriptor, isWatched ? EPOLLIN.rawValue : 0, for: 0)
    }

    /// Handles at most 256 pending events; ends early after 50 ms.
    ///
    /// A single event may take longer, because libcurl reads from a socket as long as data is available.
    func advance() {
        if unhandled.isEmpty {
            guard interests.areAny else { return }
            let count = unsafe epoll_wait(interests.descriptor, &events, Int32(events.count), 0)
            unhandled = 0..<max(Int(count), 0)
        }
        guard !unhandled.isEmpty else { return }
        var now = MonotonicClock.milliseconds()
        let end = now + Self.turn
        while let index = unhandled.popFirst() {
            let event = unsafe events[index]
            let socket = unsafe event.data.fd
            if socket == ownersDescriptor { continue }
            if unsafe event.events & EPOLLIN.rawValue != 0 { interests.noteInput(socket, at: now) }
            // The slot may be empty by now, or hold a newer handle. A newer handle ignores a socket that it
            // does not know.
            if let handle = handles[interests.handle(of: socket)] {
                unsafe handle.act(on: socket, Self.readiness(event.events))
            }
            now = MonotonicClock.milliseconds()
            if now >= end { return }
        }
    }

    /// Lets libcurl check all transfers, even without an event.
    ///
    /// libcurl 7.88 sets no timer for the next address of a host. libcurl may also leave data unread,
    /// although no further event comes.
    func lookAtAll() {
        for case let handle? in handles where handle.transfers > 0 { handle.lookAtAll() }
    }

    /// Lets the retired handles close their connections that have been idle for more than a second.
    func closeIdleConnectionsOfRetired() {
        for case let handle? in handles where handle.isRetired { handle.closeIdleConnections() }
    }

    /// Returns the next transfer that has ended and was not yet returned; `nil` if there is none.
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
