// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc

/// Which sockets libcurl wants watched for what, what the kernel was told so far, and when libcurl's timer runs out.
///
/// What a connection is to be watched for is only noted; the kernel is told before the next look, and then only what
/// differs. So a connection that is given back and used again within one turn, which is the rule with keep-alive,
/// costs no system call. Connections are opened and closed through callbacks of ours, hence it is known when a number
/// stands for another file. libcurl also opens descriptors that it does not show (those of its resolver); of these
/// the kernel is told at once.
///
/// One thread uses this, and no property is changed from inside a change of itself, so nobody need check that at run time.
final class SocketInterests {
    private struct Entry {
        var wanted: UInt32 = 0
        /// What the kernel was told; 0 if it does not know the descriptor.
        var told: UInt32 = 0
        var isListed = false
        /// Opened by `opened`, so its end will be seen.
        var isConnection = false
    }

    /// The epoll descriptor.
    let descriptor: Int32
    /// When libcurl's timer runs out, in milliseconds of the monotonic clock; `nil` if it has none.
    var timer: Int?
    /// How many descriptors the kernel watches.
    private var watched = 0
    /// Indexed by descriptor, which the kernel keeps small.
    @exclusivity(unchecked) @safe
    private var entries: [Entry] = []
    /// The descriptors whose entry may differ from what the kernel was told.
    @exclusivity(unchecked) @safe
    private var changed: [Int32] = []

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Whether the kernel watches anything.
    var areAny: Bool { watched > 0 }

    /// Notes that a connection was opened.
    func opened(_ socket: Int32) {
        makeRoom(for: socket)
        note(socket, told: 0)
        entries[Int(socket)].wanted = 0
        entries[Int(socket)].isConnection = true
    }

    /// Notes that a connection is about to be closed, by which the kernel forgets it.
    func closing(_ socket: Int32) {
        makeRoom(for: socket)
        note(socket, told: 0)
        entries[Int(socket)].wanted = 0
        entries[Int(socket)].isConnection = false
    }

    /// Notes what a socket is to be watched for; 0 is nothing.
    func set(_ socket: Int32, _ events: UInt32) {
        makeRoom(for: socket)
        let index = Int(socket)
        entries[index].wanted = events
        guard entries[index].isConnection else { return tell(socket) }
        guard !entries[index].isListed else { return }
        entries[index].isListed = true
        changed.append(socket)
    }

    /// Tells the kernel what differs.
    func tellAll() {
        for socket in changed {
            entries[Int(socket)].isListed = false
            tell(socket)
        }
        changed.removeAll(keepingCapacity: true)
    }

    private func tell(_ socket: Int32) {
        let index = Int(socket)
        let (wanted, told) = (entries[index].wanted, entries[index].told)
        guard wanted != told else { return }
        var event = unsafe epoll_event()
        unsafe event.events = wanted
        unsafe event.data.fd = socket
        let operation = wanted == 0 ? EPOLL_CTL_DEL : told == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        if unsafe epoll_ctl(descriptor, operation, socket, &event) < 0, operation != EPOLL_CTL_DEL {
            let other = errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
            unsafe _ = epoll_ctl(descriptor, other, socket, &event)
        }
        note(socket, told: wanted)
    }

    private func note(_ socket: Int32, told events: UInt32) {
        let index = Int(socket)
        watched += (events == 0 ? 0 : 1) - (entries[index].told == 0 ? 0 : 1)
        entries[index].told = events
    }

    private func makeRoom(for socket: Int32) {
        while entries.count <= Int(socket) { entries.append(Entry()) }
    }
}
