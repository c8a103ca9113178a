// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import FetchModel
import Glibc

/// Which sockets libcurl wants watched for what, by which of its handles, and what the kernel was told so far.
///
/// What a connection is to be watched for is only noted; the kernel is told before the next look, and then only what
/// differs. So a connection that is given back and used again within one turn, which is the rule with keep-alive,
/// costs no system call. Connections are opened and closed through callbacks of ours, hence it is known when a number
/// stands for another file. libcurl also opens descriptors that it does not show (those of its resolver); of these
/// the kernel is told at once.
///
/// One thread uses this and never re-enters it, so exclusivity is not checked at run time.
final class SocketInterests {
    private struct Entry {
        var wanted: UInt32 = 0
        /// What the kernel was told; 0 if it does not know the descriptor.
        var told: UInt32 = 0
        var isListed = false
        /// The slot of the handle that the descriptor belongs to.
        var handle: Int32 = 0
        /// Opened by `opened`, so its end will be seen.
        var isConnection = false
        /// What the connection is found by, once a request was sent on it.
        var connection: Connection?
    }

    /// A connection by its two ends, as libcurl names it before each request.
    struct Connection: Hashable {
        let peer: IPAddress?
        let peerPort: Int32
        let localPort: Int32
    }

    /// The epoll descriptor.
    let descriptor: Int32
    /// How many descriptors the kernel watches.
    private var watched = 0
    /// Told of what happens during a single call of libcurl.
    let work = WorkWatch()
    /// How many transfers have a connection that is being made.
    var connecting = 0
    /// The transfers, by slot, whose connection is ready that others wait for.
    var ready: [Int] = []
    /// The handles of transfers that were redirected by a new connection.
    var redirected: [Int] = []
    /// The sockets of the connections that requests were sent on.
    @exclusivity(unchecked) @safe
    private var sockets: [Connection: Int32] = [:]
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
        forget(socket)
        entries[Int(socket)].isConnection = true
    }

    /// Notes that a connection is about to be closed, by which the kernel forgets it.
    func closing(_ socket: Int32) {
        makeRoom(for: socket)
        forget(socket)
        entries[Int(socket)].isConnection = false
    }

    private func forget(_ socket: Int32) {
        note(socket, told: 0)
        entries[Int(socket)].wanted = 0
        if let connection = entries[Int(socket)].connection {
            entries[Int(socket)].connection = nil
            if sockets[connection] == socket { sockets[connection] = nil }
        }
    }

    /// Notes which of the sockets that were opened for a connection it uses now.
    ///
    /// There may be one for each address that the host has; the others were closed, or will be.
    func note(_ connection: Connection, among opened: [Int32]) {
        for socket in opened
        where entries[Int(socket)].isConnection && clinux_local_port(socket) == connection.localPort {
            entries[Int(socket)].connection = connection
            sockets[connection] = socket
        }
    }

    /// The socket of a connection that a request was sent on before; nil if it is not known.
    func socket(of connection: Connection) -> Int32? { sockets[connection] }

    /// Puts a closed connection in the place of one; returns whether that was possible.
    func sever(_ socket: Int32) -> Bool {
        guard clinux_sever(socket) == 0 else { return false }
        // The kernel has forgotten what it was told of the other.
        note(socket, told: 0)
        return true
    }

    /// The slot of the handle that a watched descriptor belongs to.
    func handle(of socket: Int32) -> Int { Int(entries[Int(socket)].handle) }

    /// Notes what a socket of a handle is to be watched for; 0 is nothing.
    func set(_ socket: Int32, _ events: UInt32, for handle: Int) {
        makeRoom(for: socket)
        let index = Int(socket)
        (entries[index].wanted, entries[index].handle) = (events, Int32(handle))
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
