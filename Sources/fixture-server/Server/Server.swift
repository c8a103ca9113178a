// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The HTTP server of `fixture-server`: one thread, one epoll descriptor, and the connections.
///
/// The thread waits for clients only in `Poller.wait`; each delay is an entry of `timers`.
final class Server {
    let site: Site
    /// The delay before each response to a valid request, in nanoseconds, in addition to `Reply.delay`.
    let latency: UInt64
    var timers = TimerQueue()
    var scratch: [UInt8] = Array(repeating: 0, count: 64 * 1024)

    private let listeners: [Int32]
    private let stopSignals: Int32
    private var poller: Poller
    private var connections: [Connection?] = []
    private var accepted = 0
    private var scheduled: [Connection] = []
    /// The deadline that was last passed to the poller; 0 if there is none, or if a timer has fired since.
    private var armedDeadline: UInt64 = 0
    /// A spare descriptor; when no descriptor is left, `refuseOne` closes the spare for a moment.
    ///
    /// The value is -1 if the spare could not be opened.
    private var reserve: Int32

    /// Makes a server that owns the listening sockets `listeners`.
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

    /// Makes `run` return at the end of standard input.
    ///
    /// - Throws: `SystemFailure`, with the code EPERM if epoll cannot watch such an input, for example a
    ///   regular file.
    func watchInput() throws(SystemFailure) { try poller.watch(0) }

    /// Serves until SIGTERM or SIGINT comes; if `watchInput` was called, also until standard input ends.
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

    /// Adds the connection to `scheduled`; `run` advances these connections after it has handled the events.
    func schedule(_ connection: Connection) {
        guard !connection.isScheduled else { return }
        connection.isScheduled = true
        scheduled.append(connection)
    }

    /// Returns true if the connection is open.
    ///
    /// The descriptor of a closed connection may already belong to a later connection.
    func isOpen(_ connection: Connection) -> Bool {
        connections[Int(connection.descriptor)] === connection
    }

    /// Sets the timer of the connection to `delay` nanoseconds from now.
    func setTimer(_ connection: Connection, after delay: UInt64) {
        connection.timer = timers.add(ProcessSetup.now() + delay, for: connection.descriptor)
    }

    /// Closes the connection at once and removes it.
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

    /// Accepts and closes one waiting connection when no descriptor is left.
    ///
    /// Without this function the listener would stay readable, and the loop would never wait.
    ///
    /// - Returns: False if there is no spare descriptor, or if no connection could be accepted.
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
            // The poller's timer fires only once, so it must be set anew.
            armedDeadline = 0
            guard let connection = connections[Int(entry.descriptor)], connection.timer == entry.id else {
                continue
            }
            connection.timer = 0
            timerFired(connection)
        }
    }
}
