// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform

/// The thread that serves all executors of the process.
///
/// It is started with the first executor that has a task, and ends with the last executor. There is never
/// more than one, because two threads that start processes at once would leak each other's pipe ends into
/// their children.
final class PoolThread: LoopClient {
    /// The executors that wait to be served, and the end of the loop's sleep.
    ///
    /// `@unchecked Sendable`: the lock of `registry` guards `arrivals`.
    final class Mailbox: @unchecked Sendable {
        let wake = WakePipe()
        fileprivate var arrivals: [PoolCore] = []
    }

    /// The mailbox of the thread that runs; `nil` if none runs.
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

    /// Has the thread serve an executor, and starts the thread if none runs; returns its mailbox.
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

    /// Takes in new executors; returns `false`, and frees the place of the thread, once there are none.
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
