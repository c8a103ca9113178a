// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The server: one thread, one epoll, and the connections.
///
/// Nothing in it waits except `Poller.wait`; delays are timers.
final class Server {
    let site: Site
    let latency: UInt64
    var timers = TimerQueue()
    var scratch: [UInt8] = Array(repeating: 0, count: 64 * 1024)

    private let listeners: [Int32]
    private let stopSignals: Int32
    private var poller: Poller
    private var connections: [Connection?] = []
    private var accepted = 0
    private var scheduled: [Connection] = []
    private var armedDeadline: UInt64 = 0
    /// Given up and taken again to accept and close a connection when no descriptor is left.
    private var reserve: Int32

    /// Takes over `listeners`, which are listening sockets.
    ///
    /// `latency` is in nanoseconds.
    init(listeners: [Int32], latency: UInt64, site: Site) throws(SystemFailure) {
        self.listeners = listeners
        self.latency = latency
        self.site = site
        poller = try Poller()
        stopSignals = try ProcessSetup.stopSignals()
        reserve = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        for listener in listeners { try poller.watch(listener) }
        try poller.watch(stopSignals)
    }

    /// Has the end of standard input end the server; fails with EPERM for what epoll does not take, such as files.
    func watchInput() throws(SystemFailure) { try poller.watch(0) }

    /// Serves until SIGTERM, SIGINT, or the end of standard input where that is watched.
    func run() {
        var events: [PollEvent] = []
        while true {
            armTimer()
            poller.wait(block: scheduled.isEmpty, into: &events)
            for event in events {
                switch event.descriptor {
                case stopSignals: return
                case 0: if ProcessSetup.standardInputEnded() { return }
                case let listener where listeners.contains(listener): acceptAll(listener)
                default: handle(event)
                }
            }
            fireTimers()
            let turn = scheduled
            scheduled.removeAll(keepingCapacity: true)
            for connection in turn where isOpen(connection) {
                connection.isScheduled = false
                advance(connection)
            }
        }
    }

    /// Has the connection go on in the next turn of the loop, after the others had theirs.
    func schedule(_ connection: Connection) {
        guard !connection.isScheduled else { return }
        connection.isScheduled = true
        scheduled.append(connection)
    }

    /// Whether the connection is still ours: its descriptor may belong to a later one.
    func isOpen(_ connection: Connection) -> Bool {
        connections[Int(connection.descriptor)] === connection
    }

    /// Sets the connection's one timer, `delay` nanoseconds from now.
    func setTimer(_ connection: Connection, after delay: UInt64) {
        connection.timer = timers.add(ProcessSetup.now() + delay, for: connection.descriptor)
    }

    /// Closes at once and forgets the connection.
    func drop(_ connection: Connection) {
        finishExchange(connection)
        connections[Int(connection.descriptor)] = nil
        close(connection.descriptor)
    }

    private func handle(_ event: PollEvent) {
        guard let connection = connections[Int(event.descriptor)] else { return }
        if event.broken { return drop(connection) }
        if event.readable { connection.canRead = true }
        if event.writable { connection.canWrite = true }
        if event.peerEnded { connection.peerEnded = true }
        advance(connection)
    }

    private func acceptAll(_ listener: Int32) {
        while true {
            guard let descriptor = Socket.accept(listener) else {
                guard errno == EMFILE || errno == ENFILE, refuseOne(of: listener) else { return }
                continue
            }
            while connections.count <= Int(descriptor) { connections.append(nil) }
            accepted += 1
            connections[Int(descriptor)] = Connection(descriptor: descriptor, number: accepted)
            site.statistics.countConnection()
            if (try? poller.watchConnection(descriptor)) == nil {
                connections[Int(descriptor)] = nil
                close(descriptor)
            }
        }
    }

    /// Closes one waiting connection for want of descriptors; else the listener would stay readable for ever.
    private func refuseOne(of listener: Int32) -> Bool {
        guard reserve >= 0 else { return false }
        close(reserve)
        let refused = Socket.accept(listener)
        if let refused { close(refused) }
        reserve = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        return refused != nil
    }

    private func armTimer() {
        let deadline = timers.earliest ?? 0
        guard deadline != armedDeadline else { return }
        poller.setDeadline(deadline)
        armedDeadline = deadline
    }

    private func fireTimers() {
        guard timers.earliest != nil else { return }
        let now = ProcessSetup.now()
        while let entry = timers.popDue(at: now) {
            // A timer that fired is no longer armed, whatever its deadline was.
            armedDeadline = 0
            guard let connection = connections[Int(entry.descriptor)], connection.timer == entry.id else {
                continue
            }
            connection.timer = 0
            timerFired(connection)
        }
    }
}
