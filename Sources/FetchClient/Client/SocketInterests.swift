// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import FetchModel
import Glibc

/// A record of the descriptors to watch, with their handles and the events that the kernel watches.
///
/// A change of a connection's events is only recorded; the kernel is told before the next poll. So a
/// connection that is released and reused between two polls costs no system call. The client's callbacks open
/// and close the sockets of connections, so the record notices a reused descriptor number. The client's
/// resolver and libcurl's resolvers open their descriptors without these callbacks. So the kernel is told
/// immediately if the events of such a descriptor change.
///
/// One thread uses this object and never re-enters it. Hence `@exclusivity(unchecked)` is safe.
final class SocketInterests {
    private struct Entry {
        var wanted: UInt32 = 0
        /// The events that the kernel watches; 0 if the kernel does not know the descriptor.
        var told: UInt32 = 0
        var isListed = false
        /// The slot of the descriptor's multi handle; 0 for the client's resolver.
        var handle: Int32 = 0
        /// True for the socket of a connection, from `opened` to `closing`.
        var isConnection = false
        /// The key of the connection in `sockets`; `nil` before the first request on the connection.
        var connection: Connection?
        /// The transfer that last began a request on the TLS connection; the client keeps all its transfers.
        unowned(unsafe) var user: Transfer?
        /// The time of the last event with input, in milliseconds of `MonotonicClock`; 0 before the first.
        var heard = 0
        /// True if a request has timed out on the HTTP/2 connection while the connection was silent
        /// (`noteTimeOut`).
        var isSilent = false
    }

    /// A connection, identified by the peer's address and port and by the local port.
    ///
    /// libcurl reports these values before each request.
    struct Connection: Hashable {
        let peer: IPAddress?
        let peerPort: Int32
        let localPort: Int32
    }

    /// The epoll descriptor.
    let descriptor: Int32
    /// The number of descriptors that the kernel watches.
    private var watched = 0
    /// The object that is notified of progress.
    let work = WorkWatch()
    /// The number of transfers whose connection is being made.
    var connecting = 0
    /// The slots of transfers in the state `Transfer.Opening.first` that now have a connection.
    var ready: [Int] = []
    /// The places in `KnownHosts` of hosts that have just got a TLS connection of HTTP/1, although the
    /// request allowed HTTP/2.
    var http1Hosts: Set<Int> = []
    /// The HTTP/2 connections whose sessions have ended while streams are open.
    var ended: [Connection] = []
    /// The sockets of connections on which libcurl has begun a request.
    @exclusivity(unchecked) @safe
    private var sockets: [Connection: Int32] = [:]
    /// The entries, indexed by descriptor.
    ///
    /// The array stays small because the kernel always assigns the smallest free descriptor.
    @exclusivity(unchecked) @safe
    private var entries: [Entry] = []
    /// The descriptors whose wanted events may differ from the events that the kernel watches.
    @exclusivity(unchecked) @safe
    private var changed: [Int32] = []

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// True while the kernel watches any descriptor.
    var areAny: Bool { watched > 0 }

    /// Notes that a socket was opened for a connection.
    func opened(_ socket: Int32) {
        makeRoom(for: socket)
        forget(socket)
        entries[Int(socket)].isConnection = true
    }

    /// Notes that a connection is about to be closed; the kernel then forgets the descriptor.
    func closing(_ socket: Int32) {
        makeRoom(for: socket)
        forget(socket)
        entries[Int(socket)].isConnection = false
    }

    private func forget(_ socket: Int32) {
        note(socket, told: 0)
        entries[Int(socket)].wanted = 0
        (entries[Int(socket)].heard, entries[Int(socket)].isSilent) = (0, false)
        unsafe entries[Int(socket)].user = nil
        if let connection = entries[Int(socket)].connection {
            entries[Int(socket)].connection = nil
            if sockets[connection] == socket { sockets[connection] = nil }
        }
    }

    /// Notes which of the sockets in `opened` a connection uses.
    ///
    /// For a host with several addresses, several sockets may have been opened.
    func note(_ connection: Connection, among opened: [Int32]) {
        for socket in opened
        where entries[Int(socket)].isConnection && clinux_local_port(socket) == connection.localPort {
            entries[Int(socket)].connection = connection
            sockets[connection] = socket
        }
    }

    /// Returns the socket of a connection on which libcurl has begun a request; `nil` if none is known.
    func socket(of connection: Connection) -> Int32? { sockets[connection] }

    /// Notes that a transfer begins a request on a TLS connection.
    func use(_ socket: Int32, by transfer: Transfer) { unsafe entries[Int(socket)].user = transfer }

    /// Returns true if another transfer still uses the TLS connection on which `transfer` is about to begin a
    /// request.
    func isInUse(_ socket: Int32, by transfer: Transfer) -> Bool {
        guard let user = unsafe entries[Int(socket)].user, user !== transfer, user.isRunning else {
            return false
        }
        // libcurl separates a transfer from its connection when the transfer ends. `isRunning` becomes false
        // only later.
        let session = unsafe ccurl_tls_session(user.easy)
        return unsafe session != nil && session == ccurl_tls_session(transfer.easy)
    }

    /// Notes an event with input; `now` is the time in milliseconds of `MonotonicClock`.
    func noteInput(_ socket: Int32, at now: Int) {
        entries[Int(socket)].heard = now
        entries[Int(socket)].isSilent = false
    }

    /// Notes that a request that began at the time `sent` has timed out on an HTTP/2 connection.
    ///
    /// If no byte has come in the second half of the request's time, the connection counts as silent until
    /// the next byte. In the first half, bytes that belong to no response may come, such as SETTINGS.
    func noteTimeOut(_ socket: Int32, of sent: Int, at now: Int) {
        if entries[Int(socket)].heard < (sent + now) / 2 { entries[Int(socket)].isSilent = true }
    }

    /// Returns true if no new request should begin on an HTTP/2 connection (`noteTimeOut`).
    func isSilent(_ socket: Int32) -> Bool { entries[Int(socket)].isSilent }

    /// Replaces the socket with a socket whose connection is closed; returns true on success.
    func sever(_ socket: Int32) -> Bool {
        guard clinux_sever(socket) == 0 else { return false }
        // The kernel has forgotten the events of the replaced socket.
        note(socket, told: 0)
        return true
    }

    /// Returns the slot of a descriptor's handle; `set` must have been called for the descriptor before.
    func handle(of socket: Int32) -> Int { Int(entries[Int(socket)].handle) }

    /// Records the epoll events for which the kernel must watch a descriptor; 0 means none.
    ///
    /// If the descriptor is not a connection, the kernel is told immediately.
    func set(_ socket: Int32, _ events: UInt32, for handle: Int) {
        makeRoom(for: socket)
        let index = Int(socket)
        (entries[index].wanted, entries[index].handle) = (events, Int32(handle))
        guard entries[index].isConnection else { return tell(socket) }
        guard !entries[index].isListed else { return }
        entries[index].isListed = true
        changed.append(socket)
    }

    /// Tells the kernel about all changed descriptors.
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
