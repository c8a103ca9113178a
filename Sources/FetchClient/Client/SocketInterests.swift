// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import FetchModel
import Glibc

/// The sockets that libcurl wants watched, with their handles and the events that the kernel knows.
///
/// Changes of a connection's events are only recorded. The kernel is told before the next poll, and only of
/// the differences. So a connection that is released and reused within one turn, the usual case with
/// keep-alive, costs no system call. The client's own callbacks open and close connections, so a reused
/// descriptor number is always noticed. libcurl also opens descriptors that it does not announce (those of
/// its resolver); for these the kernel is told at once.
///
/// One thread uses this and never re-enters it, so exclusivity is not checked at run time.
final class SocketInterests {
    private struct Entry {
        var wanted: UInt32 = 0
        /// The events that the kernel watches; 0 if the kernel does not know the descriptor.
        var told: UInt32 = 0
        var isListed = false
        /// The slot of the handle that the descriptor belongs to.
        var handle: Int32 = 0
        /// True for a socket noted by `opened`, whose closing will be noted too.
        var isConnection = false
        /// The key of the connection in `sockets`, once a request was sent on the connection.
        var connection: Connection?
    }

    /// A connection, identified by its two ends as libcurl reports them before each request.
    struct Connection: Hashable {
        let peer: IPAddress?
        let peerPort: Int32
        let localPort: Int32
    }

    /// The epoll descriptor.
    let descriptor: Int32
    /// The number of descriptors that the kernel watches.
    private var watched = 0
    /// Notified of progress during a single call of libcurl.
    let work = WorkWatch()
    /// The number of transfers whose connection is being made.
    var connecting = 0
    /// The slots of transfers that have made the first connection to their host; other transfers may wait for
    /// it.
    var ready: [Int] = []
    /// The sockets of the connections that requests were sent on.
    @exclusivity(unchecked) @safe
    private var sockets: [Connection: Int32] = [:]
    /// The entries, indexed by descriptor; the kernel always assigns the smallest free descriptor.
    @exclusivity(unchecked) @safe
    private var entries: [Entry] = []
    /// The descriptors whose events may differ from those that the kernel knows.
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
        if let connection = entries[Int(socket)].connection {
            entries[Int(socket)].connection = nil
            if sockets[connection] == socket { sockets[connection] = nil }
        }
    }

    /// Notes the socket that a connection uses, among those opened for the connection.
    ///
    /// A host with several addresses may have several sockets; the unused ones were closed or will be.
    func note(_ connection: Connection, among opened: [Int32]) {
        for socket in opened
        where entries[Int(socket)].isConnection && clinux_local_port(socket) == connection.localPort {
            entries[Int(socket)].connection = connection
            sockets[connection] = socket
        }
    }

    /// Returns the socket of a connection that has carried a request; returns nil if none is known.
    func socket(of connection: Connection) -> Int32? { sockets[connection] }

    /// Replaces the socket by one whose connection is closed; returns true on success.
    func sever(_ socket: Int32) -> Bool {
        guard clinux_sever(socket) == 0 else { return false }
        // The kernel has forgotten the events of the replaced socket.
        note(socket, told: 0)
        return true
    }

    /// Returns the slot of the handle that a watched descriptor belongs to.
    func handle(of socket: Int32) -> Int { Int(entries[Int(socket)].handle) }

    /// Records the epoll events for which a descriptor of a handle is to be watched; 0 for none.
    ///
    /// If the descriptor is no connection, tells the kernel at once.
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
