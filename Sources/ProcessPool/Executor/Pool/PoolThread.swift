// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform

/// The thread that serves all executors of the process.
///
/// The thread is started for the first executor that has a task, and ends when it serves no executor any
/// more. There is one thread, because two threads must not start processes at the same time
/// (`WorkerProcess`).
final class PoolThread: LoopClient {
    /// The executors that the thread has not yet taken over, and the pipe that ends the loop's sleep.
    ///
    /// `@unchecked Sendable`: the lock of `registry` guards `arrivals`.
    final class Mailbox: @unchecked Sendable {
        let wake = WakePipe()
        fileprivate var arrivals: [PoolCore] = []
    }

    /// The mailbox of the thread that takes executors; `nil` if there is no such thread.
    ///
    /// `@unchecked Sendable`: `lock` guards `mailbox`.
    private final class Registry: @unchecked Sendable {
        let lock = NSLock()
        var mailbox: Mailbox?
    }

    private static let registry = Registry()
    /// The size of the thread's stack in bytes: deeply nested JSON in a build without optimization needs most
    /// of it.
    private static let stackBytes = 4 << 20

    private let mailbox: Mailbox
    private lazy var loop = PoolLoop(client: self, host: ExecutorHost(wake: mailbox.wake))
    private var cores: [PoolCore] = []

    private init(_ mailbox: Mailbox) { self.mailbox = mailbox }

    /// Passes an executor to the thread, and starts a thread if there is none; returns the thread's mailbox.
    static func join(_ core: PoolCore) -> Mailbox {
        registry.lock.lock()
        defer { registry.lock.unlock() }
        if let mailbox = registry.mailbox {
            mailbox.arrivals.append(core)
            return mailbox
        }
        let mailbox = Mailbox()
        mailbox.arrivals.append(core)
        registry.mailbox = mailbox
        let thread = Thread { PoolThread(mailbox).run() }
        thread.name = "process-pool"
        thread.stackSize = stackBytes
        thread.start()
        return mailbox
    }

    private func run() {
        ExecutorHost.blockSignals()
        loop.run { goesOn() }
    }

    /// Returns `true` while there are executors to serve.
    ///
    /// Before it returns `false`, the function removes the mailbox, so that the next executor starts a new
    /// thread.
    private func goesOn() -> Bool {
        guard cores.isEmpty else { return true }
        Self.registry.lock.lock()
        defer { Self.registry.lock.unlock() }
        if !mailbox.arrivals.isEmpty { return true }
        if Self.registry.mailbox === mailbox { Self.registry.mailbox = nil }
        return false
    }

    func turn(at now: PoolTime) {
        Self.registry.lock.lock()
        let arrivals = mailbox.arrivals
        mailbox.arrivals = []
        Self.registry.lock.unlock()
        cores += arrivals
        for core in cores { core.turn(of: loop, at: now) }
    }

    func endOfTurn(at now: PoolTime) {
        for core in cores { core.publish() }
        cores.removeAll { $0.leaves(loop) }
    }

    func nextWake(after now: PoolTime) -> PoolTime? {
        cores.compactMap { $0.nextWake(after: now) }.min()
    }
}
