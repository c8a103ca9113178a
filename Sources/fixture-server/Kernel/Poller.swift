// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

// Bounds: `epoll_wait` gets the address and count of `buffer`. Only the entries that `epoll_wait` has filled
// are read.

/// One event of a descriptor.
struct PollEvent {
    let descriptor: Int32
    let readable: Bool
    let writable: Bool
    /// True if the peer has closed its sending side, so that a read will reach the end of the stream.
    let peerEnded: Bool
    /// True if the connection has failed, or is closed in both directions.
    let broken: Bool
}

/// A wrapper of epoll(7) and one timerfd.
///
/// The timerfd is needed because the time-outs of `epoll_wait` are only exact to milliseconds. The type is
/// safe: the only unsafe member of `epoll_event` is its union, which here always holds a descriptor.
@safe
struct Poller {
    private let descriptor: Int32
    private let timer: Int32
    private var buffer: [epoll_event] = unsafe Array(repeating: epoll_event(), count: 512)

    init() throws(SystemFailure) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK))
        guard descriptor >= 0, timer >= 0 else { throw SystemFailure("open epoll") }
        try watch(timer)
    }

    /// Makes each call of `wait` report `descriptor` as long as it is readable (level-triggered).
    func watch(_ descriptor: Int32) throws(SystemFailure) {
        try add(descriptor, EPOLLIN.rawValue)
    }

    /// Makes `wait` report each change of a connection once (edge-triggered).
    ///
    /// So the caller must read or write until a call would block.
    func watchConnection(_ descriptor: Int32) throws(SystemFailure) {
        let edge = EPOLLET.rawValue
        try add(descriptor, EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | edge)
    }

    private func add(_ watched: Int32, _ mask: UInt32) throws(SystemFailure) {
        var event = unsafe epoll_event(events: mask, data: epoll_data_t(fd: watched))
        guard unsafe epoll_ctl(descriptor, EPOLL_CTL_ADD, watched, &event) == 0 else {
            throw SystemFailure("watch descriptor \(watched)")
        }
    }

    /// Sets the deadline, in nanoseconds of the monotonic clock; 0 clears it.
    func setDeadline(_ nanoseconds: UInt64) {
        var value = itimerspec()
        value.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
        value.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        _ = unsafe timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &value, nil)
    }

    /// Waits for events or the deadline, or only checks for events if `block` is false.
    ///
    /// The deadline ends the wait, but is not reported as an event. A signal also ends the wait, and `events`
    /// is then empty.
    mutating func wait(block: Bool, into events: inout [PollEvent]) {
        events.removeAll(keepingCapacity: true)
        let count = unsafe epoll_wait(descriptor, &buffer, Int32(buffer.count), block ? -1 : 0)
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let mask = unsafe buffer[index].events
            let source = unsafe buffer[index].data.fd
            if source == timer {
                drainTimer()
                continue
            }
            events.append(
                PollEvent(
                    descriptor: source,
                    readable: mask & EPOLLIN.rawValue != 0,
                    writable: mask & EPOLLOUT.rawValue != 0,
                    peerEnded: mask & EPOLLRDHUP.rawValue != 0,
                    broken: mask & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
                )
            )
        }
    }

    private func drainTimer() {
        var expirations: UInt64 = 0
        _ = unsafe read(timer, &expirations, 8)
    }
}
